import { createCluster, createSentinel } from '@redis/client';
import { ConfigError, DynamicConfig } from '@mutt/dynamic-config';
import type { NodeRedisClient } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { Invariants } from '../support/invariants.ts';

/** How to find the node to write to. */
export type Route =
  | { readonly kind: 'sentinel'; readonly ports: readonly number[]; readonly password: string }
  | { readonly kind: 'cluster'; readonly ports: readonly number[] };

export const PREFIX = '{mutt}:config';
export const FAILOVER_TTL_MS = 500;

const PAUSE_MS = 3;
const PAIRS = 10;
/** Of this process. What one of them has written is still in the store when the next one begins. */
let loads = 0;

/** A change set that was confirmed. */
export interface Acknowledged {
  readonly requestId: string;
  readonly revision: number;
}

/** The same as a URL. */
function urlOf(route: Route): string {
  const hosts = route.ports.map((port) => `127.0.0.1:${port}`).join(',');
  return route.kind === 'cluster'
    ? `redis-cluster://${hosts}`
    : `redis-sentinel://:${route.password}@${hosts}/mymaster`;
}

/** A client of the driver, connected, as a service has one. */
export async function openRoute(route: Route): Promise<NodeRedisClient & { destroy(): unknown }> {
  const addresses = route.ports.map((port) => ({ host: '127.0.0.1', port }));
  if (route.kind === 'cluster') {
    const cluster = createCluster({ rootNodes: addresses.map((socket) => ({ socket })) });
    cluster.on('error', () => {});
    await cluster.connect();
    return cluster;
  }
  const sentinel = createSentinel({
    name: 'mymaster',
    sentinelRootNodes: addresses,
    nodeClientOptions: { password: route.password },
    sentinelClientOptions: { pingInterval: 500, socket: { socketTimeout: 1_500 } },
  });
  sentinel.on('error', () => {});
  await sentinel.connect();
  return sentinel;
}

/**
 * Instances that are written through all the time, as services do that retry what was not confirmed. Every change set has
 * values, and a request id, of its own, and every load its own keys.
 */
export class FailoverLoad {
  readonly configs: DynamicConfig[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** How often a change set was refused, or its outcome unknown, by the code of the error. */
  readonly failures: Record<string, number> = {};
  readonly invariants: Invariants;
  readonly #id = loads++;
  readonly #pairs = Array.from(
    { length: PAIRS },
    (_, n) => [`left_${this.#id}_${n}`, `right_${this.#id}_${n}`] as const,
  );
  readonly #route: Route;
  readonly #cleanUps: (() => unknown)[] = [];
  #writing: Promise<unknown> = Promise.resolve();
  #isWriting = false;
  #written = 0;

  private constructor(route: Route) {
    this.#route = route;
    this.invariants = new Invariants({ pairs: this.#pairs });
  }

  /** Every other instance has a client of its own; the others are given a URL. */
  static async start(route: Route, instances: number): Promise<FailoverLoad> {
    const load = new FailoverLoad(route);
    for (let n = 0; n < instances; n++) await load.#connect(n);
    return load;
  }

  async #connect(n: number): Promise<void> {
    const target = n % 2 === 0 ? await openRoute(this.#route) : urlOf(this.#route);
    if (typeof target !== 'string') this.#cleanUps.unshift(() => target.destroy());
    const config = await DynamicConfig.connect(target, {
      prefix: PREFIX,
      cacheTtl: FAILOVER_TTL_MS / 1_000,
      logger: { warn() {}, error() {} },
    });
    this.#cleanUps.unshift(() => config.close());
    this.invariants.observe(config, `instance ${n}`);
    this.configs.push(config);
  }

  write(): void {
    this.#isWriting = true;
    this.#writing = Promise.all(this.configs.map((config) => this.#writeWith(config)));
  }

  /** Resolves when the last change set of each writer is confirmed. */
  async stopWriting(): Promise<void> {
    this.#isWriting = false;
    await this.#writing;
  }

  /** Resolves when so many more are confirmed. */
  async confirms(more = 20): Promise<void> {
    const wanted = this.acknowledged.length + more;
    await until(`${more} change sets are confirmed`, () => this.acknowledged.length >= wanted, 30_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isWriting = false;
    for (const cleanUp of this.#cleanUps.splice(0)) await cleanUp();
    await this.#writing.catch(() => {});
  }

  async #writeWith(config: DynamicConfig): Promise<void> {
    while (this.#isWriting) {
      const n = this.#written++;
      const value = `${this.#id}-${n}`;
      const [left, right] = this.#pairs[n % PAIRS] ?? ['', ''];
      for (const key of [left, right]) this.invariants.wrote(key, value);
      await this.#commit(config, [left, right], value);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Until it is confirmed, with the same request id. */
  async #commit(config: DynamicConfig, keys: readonly string[], value: string): Promise<void> {
    const requestId = `request-${value}`;
    const changes = keys.map((key) => ({ key, value }));
    await until(
      `${requestId} is confirmed`,
      async () => {
        try {
          const { revision } = await config.commit(changes, { requestId });
          this.acknowledged.push({ requestId, revision });
          return true;
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          if (error.code === 'closed') return true;
          this.failures[error.code] = (this.failures[error.code] ?? 0) + 1;
          return false;
        }
      },
      40_000,
    );
  }
}
