import { setTimeout as sleep } from 'node:timers/promises';
import { DynamicConfig } from '@mutt/dynamic-config';

const KEYS = 100;
const TICK_MS = 10;

/** Commits at a steady rate. */
export class Offer {
  readonly #config: DynamicConfig;

  private constructor(config: DynamicConfig) {
    this.#config = config;
  }

  static async open(url: string): Promise<Offer> {
    return new Offer(await DynamicConfig.connect(url, { startWatcher: false }));
  }

  /** Of the last commit. */
  revision = 0;

  /** Returns how many a second were committed. */
  async run(perSecond: number, seconds: number): Promise<number> {
    const startedAt = performance.now();
    const all: Promise<unknown>[] = [];
    while (performance.now() - startedAt < seconds * 1_000) {
      const due = ((performance.now() - startedAt) / 1_000) * perSecond;
      while (all.length < due) all.push(this.#commit(all.length));
      await sleep(TICK_MS);
    }
    await Promise.all(all);
    return (all.length * 1_000) / (performance.now() - startedAt);
  }

  async close(): Promise<void> {
    await this.#config.close();
  }

  async #commit(n: number): Promise<void> {
    const { revision } = await this.#config.set(`key_${n % KEYS}`, n, { reason: 'the bench' });
    this.revision = Math.max(this.revision, revision);
  }
}
