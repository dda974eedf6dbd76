import { createCluster, createSentinel, ErrorReply } from '@redis/client';
import type { RedisClientOptions } from '@redis/client';
import { ConfigError, StoreUnavailableError } from '../errors.ts';
import { assertHashTag, clientEndpoint } from './client-endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import type { NodeRedisClient } from './node-redis-client.ts';
import { parseNodesUrl } from './nodes-url.ts';
import type { NodesUrl } from './nodes-url.ts';
import { toStoreError } from './redis-error.ts';
import { within } from './within.ts';

/** A node that is gone without a word, with its machine, is noticed by that, and the next one asked: the driver would wait. */
const LIVENESS = { connectTimeout: 500, pingInterval: 300, socketTimeout: 900 };

type OwnClient = NodeRedisClient & {
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
};

/**
 * Where the Sentinels, or the nodes of the Cluster, that a URL names say that the primary is: by a client of our own, which
 * is connected at first use, and closed with the store. One that finds nothing is replaced by another, which begins with
 * what the URL names.
 *
 * @throws InvalidOptionError also when the prefix has no hash tag, on a Cluster.
 */
export function nodesEndpoint(url: string, prefix: string): Endpoint {
  const nodes = parseNodesUrl(url);
  if (nodes.kind === 'cluster') assertHashTag(prefix);
  const guide = new Guide(nodes, prefix);
  return {
    location: nodes.location,
    database: 0,
    canMove: true,
    onMoved: (listener) => guide.onMoved(listener),
    resolve: (timeoutMs) => guide.resolve(timeoutMs),
    close: () => guide.close(),
  };
}

/** The client that knows the way, and the one after it. */
class Guide {
  readonly #nodes: NodesUrl;
  readonly #prefix: string;
  #client: OwnClient | null = null;
  #connecting: Promise<Endpoint> | null = null;
  #connected: Endpoint | null = null;
  /** How to stop telling each of those who are told by the client that another node has taken over. */
  readonly #told = new Set<() => void>();
  /** Of the client of now. */
  #lastError: unknown = null;
  #isClosed = false;

  constructor(nodes: NodesUrl, prefix: string) {
    this.#nodes = nodes;
    this.#prefix = prefix;
  }

  onMoved(listener: () => void): () => void {
    if (this.#connected === null) {
      // The client that showed the way is left by now, and would tell of nothing.
      queueMicrotask(listener);
      return () => {};
    }
    const stop = this.#connected.onMoved(listener);
    this.#told.add(stop);
    return () => {
      this.#told.delete(stop);
      stop();
    };
  }

  async resolve(timeoutMs: number): Promise<RedisClientOptions> {
    const connecting = (this.#connecting ??= this.#connect());
    const endpoint = await within(connecting, timeoutMs, () => this.#notFound(` within ${timeoutMs} ms`));
    try {
      return await endpoint.resolve(timeoutMs);
    } catch (error) {
      // While somebody is told by it, it is kept.
      if (this.#connecting === connecting && this.#told.size === 0) this.#leave();
      throw error;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#leave();
  }

  async #connect(): Promise<Endpoint> {
    const { location } = this.#nodes;
    this.#lastError = null;
    let client: OwnClient | null = null;
    try {
      if (this.#isClosed) throw new StoreUnavailableError(`The store at ${location} is closed.`);
      client = clientOf(this.#nodes);
      this.#client = client;
      client.on('error', (error) => this.#note(error));
      await client.connect();
      if (this.#client !== client) throw new StoreUnavailableError(`The store at ${location} is closed.`);
    } catch (error) {
      if (client !== null) destroy(client);
      if (this.#client === client) this.#leave();
      this.#lastError ??= error;
      throw error instanceof ConfigError ? error : this.#notFound('');
    }
    this.#connected = clientEndpoint(client, this.#prefix);
    return this.#connected;
  }

  /** What a node refuses explains more than that another one is gone. */
  #note(error: unknown): void {
    // A Sentinel client puts what one of its connections met into an error of its own.
    const met = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (!(this.#lastError instanceof ErrorReply)) this.#lastError = met;
  }

  #leave(): void {
    if (this.#client !== null) destroy(this.#client);
    this.#client = null;
    this.#connecting = null;
    this.#connected = null;
  }

  #notFound(when: string): Error {
    const { location } = this.#nodes;
    const cause = this.#lastError;
    if (cause === null) return new StoreUnavailableError(`No primary was found at ${location}${when}.`);
    // Such as a password that is refused: waiting does not mend it, so it is not told as something that does.
    const error = toStoreError(cause, location);
    if (!(error instanceof StoreUnavailableError)) return error;
    const why = error.message.replace(/\.?$/, '.');
    return new StoreUnavailableError(`No primary was found at ${location}${when}. The last failure: ${why}`, { cause });
  }
}

function clientOf(nodes: NodesUrl): OwnClient {
  const { hosts, tls, username, password, sentinelUsername, sentinelPassword } = nodes;
  const { connectTimeout, pingInterval, socketTimeout } = LIVENESS;
  // With a time-out for sockets, the driver would not connect anew by itself.
  const reconnectStrategy = (retries: number): number => Math.min(50 * 2 ** retries, 1_000);
  const socket = { connectTimeout, socketTimeout, reconnectStrategy, ...(tls && { tls: true as const }) };
  const asUser = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const node = { pingInterval, socket, ...asUser };
  // What is asked needs nothing of a newer protocol.
  const RESP = 2;
  if (nodes.kind === 'cluster') {
    // Only where the keys are: other masters may be gone.
    return createCluster({
      rootNodes: hosts.map((address) => ({ socket: address })),
      defaults: node,
      minimizeConnections: true,
      RESP,
    });
  }
  return createSentinel({
    name: nodes.name,
    sentinelRootNodes: [...hosts],
    nodeClientOptions: node,
    sentinelClientOptions: {
      pingInterval,
      socket,
      ...(sentinelUsername !== undefined && { username: sentinelUsername }),
      ...(sentinelPassword !== undefined && { password: sentinelPassword }),
    },
    passthroughClientErrorEvents: true,
    RESP,
  });
}

/** It may not be open yet, or not any more: that is as good. */
function destroy(client: OwnClient): void {
  const destroying = async (): Promise<unknown> => client.destroy();
  destroying().catch(() => {});
}
