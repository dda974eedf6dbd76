import { createClient } from '@redis/client';
import type { Peer } from './peer.ts';
import { redisArgs } from './redis-args.ts';

const PREFIX = 'mutt:config';
const CACHE_TTL_MS = 5_000;

/**
 * The algorithm that MUTT's own guide describes, which this library replaces: `get` reads a cache that is good for 5 s,
 * then Redis; a message on `mutt:config:updates` names a key, which then leaves the cache and has its callbacks called.
 */
class GuideConfig {
  readonly #client: ReturnType<typeof createClient>;
  readonly #subscriber: ReturnType<typeof createClient>;
  readonly #cache = new Map<string, { readonly value: string; readonly atMs: number }>();
  readonly #callbacks: { readonly key: string; readonly callback: (key: string, value: string) => void }[] = [];
  watcherRunning = false;

  private constructor(url: string) {
    // As in the guide's Python: a command without a connection fails at once, and one that is never answered waits.
    this.#client = createClient({ url, disableOfflineQueue: true });
    this.#subscriber = createClient({ url });
  }

  static async connect(url: string): Promise<GuideConfig> {
    const config = new GuideConfig(url);
    for (const client of [config.#client, config.#subscriber]) {
      client.on('error', () => {});
      await client.connect();
    }
    return config;
  }

  get(key: string, fallback: string): string | Promise<string> {
    const cached = this.#cache.get(key);
    if (cached !== undefined && performance.now() - cached.atMs < CACHE_TTL_MS) return cached.value;
    return this.#fetch(key, fallback);
  }

  async set(key: string, value: string): Promise<void> {
    await this.#client.set(`${PREFIX}:${key}`, value);
    this.#cache.delete(key);
    await this.#client.publish(`${PREFIX}:updates`, key);
  }

  registerCallback(key: string, callback: (key: string, value: string) => void): void {
    this.#callbacks.push({ key, callback });
  }

  async startWatcher(): Promise<void> {
    await this.#subscriber.subscribe(`${PREFIX}:updates`, (key) => void this.#updated(key));
    this.watcherRunning = true;
  }

  close(): void {
    this.watcherRunning = false;
    this.#client.destroy();
    this.#subscriber.destroy();
  }

  async #fetch(key: string, fallback: string): Promise<string> {
    const value = await this.#client.get(`${PREFIX}:${key}`);
    if (value === null) return fallback;
    this.#cache.set(key, { value, atMs: performance.now() });
    return value;
  }

  async #updated(key: string): Promise<void> {
    this.#cache.delete(key);
    try {
      const value = await this.get(key, '');
      for (const one of this.#callbacks) if (one.key === key) one.callback(key, value);
    } catch {
      // The guide says nothing of it: the callbacks are not called.
    }
  }
}

export const guide: Peer = {
  name: 'guide',
  title: "the guide's algorithm",
  command: 'redis-server',
  args: redisArgs,
  redisKey: `${PREFIX}:bench`,
  async connect(port) {
    const config = await GuideConfig.connect(`redis://127.0.0.1:${port}`);
    const get = (): string | Promise<string> => config.get('bench', '');
    return {
      put: (value) => config.set('bench', value),
      async watch(onValue) {
        config.registerCallback('bench', (_, value) => onValue(value));
        await config.startWatcher();
      },
      get,
      served: get,
      saysCurrent: () => config.watcherRunning,
      close: () => config.close(),
    };
  },
};
