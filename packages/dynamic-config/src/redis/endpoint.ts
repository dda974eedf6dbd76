import type { RedisClientOptions } from '@redis/client';
import { InvalidOptionError } from '../errors.ts';

/** Where to connect to: decided anew for each connection, since the primary may have moved. */
export interface Endpoint {
  /** For people and logs; without credentials. */
  readonly location: string;
  /** Number of the database. */
  readonly database: number;
  /** True where another node may take the namespace over: one that says that it has not got it is left, then. */
  readonly canMove: boolean;
  /**
   * Calls back when another node has taken the namespace over, where whoever knows says so by itself: the old one may not
   * know it for a long time. The returned function ends that.
   */
  onMoved(listener: () => void): () => void;
  /**
   * How to connect to the node that takes the namespace's writes.
   *
   * @throws StoreUnavailableError when that is not known within `timeoutMs`.
   */
  resolve(timeoutMs: number): Promise<RedisClientOptions>;
  /** Lets go of what was opened to find out. */
  close(): void;
}

/**
 * A Redis by its URL.
 *
 * @param url `redis[s]://[[user]:password@]host[:port][/db]`
 * @throws InvalidOptionError
 */
export function urlEndpoint(url: string): Endpoint {
  const { protocol, host, pathname } = parse(url);
  const database = /^\/?(\d{0,6})$/.exec(pathname)?.[1];
  if ((protocol !== 'redis:' && protocol !== 'rediss:') || host === '' || database === undefined) {
    throw new InvalidOptionError('The URL of a Redis looks like redis://user:password@host:6379/0, or rediss://….');
  }
  return {
    location: `${protocol}//${host}${database === '' ? '' : `/${database}`}`,
    database: Number(database),
    canMove: false,
    onMoved: () => () => {},
    resolve: async () => ({ url }),
    close() {},
  };
}

function parse(url: string): URL {
  try {
    const parsed = new URL(url);
    decodeURIComponent(parsed.username + parsed.password);
    return parsed;
  } catch {
    // Node's error holds the whole URL, and with it a password.
    throw new InvalidOptionError(
      'The URL of the Redis cannot be read. Special characters of a password are percent-encoded: redis://:p%40ss@host.',
    );
  }
}
