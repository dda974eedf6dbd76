/**
 * A client of `createClient`, `createSentinel` or `createCluster`, of `redis` or of `@redis/client`. Told by what it
 * has, not by its class: a user's copy of the driver may be another one than ours.
 */
export type NodeRedisClient = StandaloneClient | SentinelClient | ClusterClient;

export interface StandaloneClient {
  readonly isOpen: boolean;
  readonly options: object | undefined;
  duplicate(): unknown;
  sendCommand(args: string[]): Promise<unknown>;
}

export interface SentinelClient {
  readonly isOpen: boolean;
  acquire(): Promise<unknown>;
  /** The driver's only way to the client of the primary, and so to how that is reached. */
  _execute<T>(isReadonly: boolean, task: (node: StandaloneClient) => Promise<T>): Promise<T>;
  on(event: 'topology-change', listener: (change: { readonly type: string }) => void): unknown;
  off(event: 'topology-change', listener: (change: { readonly type: string }) => void): unknown;
}

export interface ClusterNode {
  readonly host: string;
  readonly port: number;
}

export interface ClusterClient {
  readonly isOpen: boolean;
  readonly slots: readonly { readonly master: ClusterNode }[];
  nodeClient(node: never): Promise<StandaloneClient>;
  sendCommand(firstKey: string, isReadonly: boolean, args: string[]): Promise<unknown>;
}

export function isStandalone(client: unknown): client is StandaloneClient {
  return has(client, 'duplicate', 'sendCommand') && 'options' in client && typeof client['isOpen'] === 'boolean';
}

export function isSentinel(client: unknown): client is SentinelClient {
  return has(client, 'acquire', '_execute', 'on', 'off') && typeof client['isOpen'] === 'boolean';
}

export function isCluster(client: unknown): client is ClusterClient {
  return has(client, 'nodeClient', 'sendCommand') && Array.isArray(client['slots']);
}

export function isNodeRedisClient(client: unknown): client is NodeRedisClient {
  return isStandalone(client) || isSentinel(client) || isCluster(client);
}

function has(client: unknown, ...methods: readonly string[]): client is Record<string, unknown> {
  if (typeof client !== 'object' || client === null) return false;
  return methods.every((name) => typeof (client as Record<string, unknown>)[name] === 'function');
}
