import { indexIsComplete } from './index-is-complete.ts';
import { DynamicConfig } from '@mutt/dynamic-config';
import type { ConnectOptions } from '@mutt/dynamic-config';
import { startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Short, so that what follows from it is quick. */
export const CACHE_TTL_MS = 300;

/** What follows from the contract, generously: to say that something is wrong, and to be right again. */
export const BOUND_MS = { noticed: 2 * CACHE_TTL_MS + 1_000, healed: 2 * CACHE_TTL_MS + 5_000 };

/** One Redis and what a test starts around it; released at the end, the latest first. */
export class Scenario implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly logged: string[] = [];
  readonly #cleanUps: (() => unknown)[] = [];

  private constructor(redis: RedisServer) {
    this.redis = redis;
    this.defer(() => redis.stop());
  }

  static async start(...redisArgs: string[]): Promise<Scenario> {
    return new Scenario(await startRedis(...redisArgs));
  }

  defer(cleanUp: () => unknown): void {
    this.#cleanUps.unshift(cleanUp);
  }

  async proxy(): Promise<TcpProxy> {
    const proxy = await TcpProxy.open(this.redis.port);
    this.defer(() => proxy.close());
    return proxy;
  }

  /** An instance, through a proxy where one is given. */
  async connect({ url }: { readonly url: string } = this.redis, options: ConnectOptions = {}): Promise<DynamicConfig> {
    const log = (message: string): unknown => this.logged.push(message);
    const logger = { warn: log, error: log };
    const config = await DynamicConfig.connect(url, { cacheTtl: CACHE_TTL_MS / 1000, logger, ...options });
    this.defer(() => config.close());
    return config;
  }

  /** Resolves when a keeper holds the lease and has seen all keys: what others write from here on is recorded at once. */
  async isKept(): Promise<void> {
    await indexIsComplete(this.redis);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cleanUp of this.#cleanUps) await cleanUp();
  }
}
