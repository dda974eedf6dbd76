import { createCluster, createSentinel } from '@redis/client';
import type { RedisClientOptions } from '@redis/client';
import { StoreUnavailableError } from '../errors.ts';
import { assertHashTag, clientEndpoint } from './client-endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import type { NodeRedisClient } from './node-redis-client.ts';
import { parseNodesUrl } from './nodes-url.ts';
import type { NodesUrl } from './nodes-url.ts';
import { within } from './within.ts';

/** A Sentinel that is gone without a word, with its machine, is noticed by that: the client would wait for it. */
const SENTINEL_LIVENESS = { pingInterval: 1_000, socketTimeout: 3_000 };

type OwnClient = NodeRedisClient & {
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
};

/**
 * Where the Sentinels, or the nodes of the Cluster, that a URL names say that the primary is: by a client of our own, which
 * is connected at first use, and closed with the store.
 *
 * @throws InvalidOptionError also when the prefix has no hash tag, on a Cluster.
 */
export function nodesEndpoint(url: string, prefix: string): Endpoint {
  const nodes = parseNodesUrl(url);
  if (nodes.kind === 'cluster') assertHashTag(prefix);
  const { location } = nodes;
  let client: OwnClient | null = null;
  let connecting: Promise<Endpoint> | null = null;
  let connected: Endpoint | null = null;
  let lastError: unknown = null;
  let isClosed = false;

  const connect = async (): Promise<Endpoint> => {
    if (isClosed) throw new StoreUnavailableError(`The store at ${location} is closed.`);
    const opened = clientOf(nodes);
    client = opened;
    opened.on('error', (error) => (lastError = error));
    try {
      await opened.connect();
    } catch (error) {
      lastError ??= error;
      destroy(opened);
      client = null;
      throw error;
    }
    connected = { ...clientEndpoint(opened, prefix), location };
    return connected;
  };

  const late = (timeoutMs: number): Error => {
    const why = lastError === null ? '' : ` The last failure: ${messageOf(lastError).replace(/\.?$/, '.')}`;
    return new StoreUnavailableError(`No primary was found at ${location} within ${timeoutMs} ms.${why}`, {
      cause: lastError,
    });
  };

  return {
    location,
    database: 0,
    canMove: true,
    onMoved: (listener) => connected?.onMoved(listener) ?? (() => {}),
    async resolve(timeoutMs) {
      connecting ??= connect().catch((error: unknown) => {
        connecting = null;
        throw error;
      });
      const attempt = connecting.catch(() => {
        throw late(timeoutMs);
      });
      const endpoint = await within(attempt, timeoutMs, () => late(timeoutMs));
      return endpoint.resolve(timeoutMs);
    },
    close() {
      isClosed = true;
      if (client !== null) destroy(client);
    },
  };
}

function clientOf(nodes: NodesUrl): OwnClient {
  const { hosts, tls, username, password, sentinelUsername, sentinelPassword } = nodes;
  const secured = tls ? { tls: true as const } : {};
  const asUser = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  if (nodes.kind === 'cluster') {
    const rootNodes = hosts.map((address) => ({ socket: { ...address, ...secured } }));
    return createCluster({ rootNodes, defaults: { ...asUser, socket: secured } });
  }
  const { pingInterval, socketTimeout } = SENTINEL_LIVENESS;
  const toSentinel: RedisClientOptions = {
    pingInterval,
    socket: { socketTimeout, ...secured },
    ...(sentinelUsername !== undefined && { username: sentinelUsername }),
    ...(sentinelPassword !== undefined && { password: sentinelPassword }),
  };
  return createSentinel({
    name: nodes.name,
    sentinelRootNodes: [...hosts],
    sentinelClientOptions: toSentinel,
    nodeClientOptions: { ...asUser, socket: secured },
  });
}

function destroy(client: OwnClient): void {
  try {
    client.destroy();
  } catch {
    // It was not open yet, or not any more.
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
