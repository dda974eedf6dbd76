import type { RedisClientOptions } from '@redis/client';
import { InvalidOptionError, StoreUnavailableError } from '../errors.ts';
import { ownerOf } from './cluster-owner.ts';
import type { OwnedBy } from './cluster-owner.ts';
import type { Endpoint } from './endpoint.ts';
import { hasHashTag } from './hash-tag.ts';
import { RedisNamespace } from './namespace.ts';
import { isCluster, isSentinel, isStandalone } from './node-redis-client.ts';
import type { ClusterClient, NodeRedisClient, SentinelClient, StandaloneClient } from './node-redis-client.ts';
import { onPrimaryChange } from './primary-change.ts';
import { toStoreError } from './redis-error.ts';
import { within } from './within.ts';

interface Address {
  readonly host?: string;
  readonly port?: number;
}

/**
 * Where a user's own client is connected to, asked anew for each connection of ours. The client stays the user's: it is
 * asked, and nothing else.
 *
 * @throws InvalidOptionError
 */
export function clientEndpoint(client: NodeRedisClient, prefix: string): Endpoint {
  if (isCluster(client)) return clusterEndpoint(client, prefix);
  if (isSentinel(client)) return sentinelEndpoint(client);
  if (isStandalone(client)) return standaloneEndpoint(client);
  throw new InvalidOptionError('This is no client of node-redis (createClient, createSentinel, createCluster).');
}

function standaloneEndpoint(client: StandaloneClient): Endpoint {
  const { database = 0, socket } = reachedBy(client);
  const at = socketLocation(socket);
  return {
    location: database === 0 ? at : `${at}/${database}`,
    database,
    canMove: false,
    onMoved: () => () => {},
    resolve: async () => reachedBy(client),
    close() {},
  };
}

/** The client keeps its master's name to itself, so the location is that of the first Sentinel it was given. */
function sentinelEndpoint(client: SentinelClient): Endpoint {
  const { identity } = client as { identity?: { id?: string } };
  const location = `redis-sentinel://${/^[^/]+/.exec(identity?.id ?? '')?.[0] ?? 'unknown'}`;
  const locate = async (): Promise<RedisClientOptions> => {
    // The driver would fail with a TypeError.
    if (!client.isOpen) throw notOpen('Sentinel');
    const options = await client._execute(false, async (node) => {
      // At an error that begins so, the client looks for the primary anew, and calls this again.
      if (await isReplica(node)) throw new Error('READONLY the node that the Sentinel client knows is a replica');
      return reachedBy(node);
    });
    // The names in Redis depend on the database, and are needed before a Sentinel has ever answered.
    if (!options.database) return options;
    throw new InvalidOptionError(
      `This Sentinel client uses database ${options.database}; on Sentinel, settings live in database 0. Pass a client without \`database\`.`,
    );
  };
  return {
    location,
    database: 0,
    canMove: true,
    onMoved: (listener) => onPrimaryChange(client, listener),
    resolve: (timeoutMs) => inTime(locate(), timeoutMs, location),
    close() {},
  };
}

function clusterEndpoint(client: ClusterClient, prefix: string): Endpoint {
  assertHashTag(prefix);
  const { head } = new RedisNamespace(prefix);
  const location = `redis-cluster://${rootNodeOf(client)}`;
  const owned: OwnedBy = { key: head, slot: null };
  const locate = async (timeoutMs: number): Promise<RedisClientOptions> => {
    if (!client.isOpen) throw notOpen('Cluster');
    const { client: node, at } = await ownerOf(client, owned, timeoutMs);
    const options = reachedBy(node);
    return { ...options, ...(at !== undefined && { socket: { ...options.socket, ...at } }), database: 0 };
  };
  return {
    location,
    database: 0,
    canMove: true,
    // A node of a Cluster knows when it has lost a slot, and answers so.
    onMoved: () => () => {},
    resolve: (timeoutMs) => inTime(locate(timeoutMs), timeoutMs, location),
    close() {},
  };
}

/** @throws InvalidOptionError where the keys of a prefix may be on several nodes. */
export function assertHashTag(prefix: string): void {
  if (hasHashTag(prefix)) return;
  throw new InvalidOptionError(
    `On Redis Cluster the prefix needs a hash tag, so that all keys of it are on one node: {mutt}:config, for example, not ${prefix}.`,
  );
}

/** How to reach the node, and as whom; nothing of how the user's client goes about its own work. */
function reachedBy(client: Pick<StandaloneClient, 'options'>): RedisClientOptions {
  const { socket, username, password, credentialsProvider, database } = (client.options ?? {}) as RedisClientOptions;
  // It would end connections on which nothing needs to be said.
  const { socketTimeout: _, ...address } = (socket ?? {}) as { socketTimeout?: number };
  return {
    socket: address,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(credentialsProvider !== undefined && { credentialsProvider }),
    ...(database !== undefined && { database }),
  };
}

async function isReplica(node: StandaloneClient): Promise<boolean> {
  try {
    const [role] = (await node.sendCommand(['ROLE'])) as readonly unknown[];
    return String(role) !== 'master';
  } catch (error) {
    // Not every user may ask; Sentinel's word must do, then.
    if (error instanceof Error && error.message.startsWith('NOPERM')) return false;
    throw error;
  }
}

async function inTime<T>(task: Promise<T>, timeoutMs: number, location: string): Promise<T> {
  const late = (): Error =>
    new StoreUnavailableError(`The client of ${location} did not find the node to use within ${timeoutMs} ms.`);
  try {
    return await within(task, timeoutMs, late);
  } catch (error) {
    throw toStoreError(error, location);
  }
}

function notOpen(kind: string): StoreUnavailableError {
  return new StoreUnavailableError(
    `The ${kind} client is not connected, so it cannot say where Redis is: call its connect() first, and close it last.`,
  );
}

function socketLocation(socket: RedisClientOptions['socket']): string {
  const { path, tls, ...address } = socket as { path?: string; tls?: boolean } & Address;
  return path === undefined ? `${tls ? 'rediss' : 'redis'}://${authority(address)}` : `unix://${path}`;
}

function rootNodeOf(client: ClusterClient): string {
  const { _options } = client as { _options?: { rootNodes?: readonly { url?: string; socket?: Address }[] } };
  const { url, socket } = _options?.rootNodes?.[0] ?? {};
  return url === undefined ? authority(socket) : new URL(url).host;
}

function authority({ host = 'localhost', port = 6379 }: Address = {}): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
