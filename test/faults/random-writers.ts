import { setTimeout as elapse } from 'node:timers/promises';
import {
  OutcomeUnknownError,
  RevisionConflictError,
  StoreRefusedError,
  StoreUnavailableError,
} from '@mutt/dynamic-config';
import type { ChangeInput, ChangeOptions, DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import type { Invariants } from '../support/invariants.ts';
import type { RedisServer } from '../support/redis-server.ts';
import type { Pair } from './history.ts';

export const RANDOM_PAIRS: readonly Pair[] = [
  ['left', 'right'],
  ['up', 'down'],
];
const COUNTERS = ['count_1', 'count_2'];
const RAW = ['raw_1', 'raw_2', 'raw_3'];
const RETRY_MS = 20;

/** Writes of all kinds, each until its outcome is known, until they are stopped. */
export class RandomWriters {
  readonly #invariants: Invariants;
  readonly #random: () => number;
  readonly #stopping = new AbortController();
  readonly #writing: Promise<void>[] = [];
  /** The highest revision that was acknowledged, and since when. */
  readonly acknowledged: { readonly revision: number; readonly atMs: number }[] = [];
  writes = 0;

  constructor(invariants: Invariants, random: () => number) {
    this.#invariants = invariants;
    this.#random = random;
  }

  /** Pairs of keys, in one change set each. */
  writePairs(name: string, config: DynamicConfig): void {
    this.#repeat(40, async (n) => {
      const value = `${name}-${n}`;
      const pair = this.#pick(RANDOM_PAIRS);
      for (const key of pair) this.#invariants.wrote(key, value);
      const notify = this.#random() > 0.2;
      const changes = pair.map((key) => ({ key, value }));
      const commit = await this.#surely(config, changes, { requestId: value, notify });
      if (commit !== null) this.#confirmed(commit);
    });
  }

  /** Counters, by compare-and-set. */
  count(name: string, config: DynamicConfig): void {
    this.#repeat(60, async (n) => {
      const key = this.#pick(COUNTERS);
      const { value: before = '0', revision = 0 } = config.entry(key) ?? {};
      const value = String(Number(before) + 1);
      this.#invariants.wrote(key, value);
      const changes = [{ key, value, ifRevision: revision }];
      const commit = await this.#surely(config, changes, { requestId: `${name}-${n}` });
      if (commit !== null) this.#confirmed(commit, { key, revision });
    });
  }

  /** Past us, with and without a message. */
  writeRaw(redis: RedisServer): void {
    this.#repeat(300, async (n) => {
      const [key, value] = [this.#pick(RAW), `raw-${n}`];
      const redisKey = `mutt:config:${key}`;
      if (this.#random() < 0.3) await redis.cli('DEL', redisKey).catch(() => {});
      else {
        this.#invariants.wrote(key, value);
        await redis.cli('SET', redisKey, value).catch(() => {});
      }
      if (this.#random() < 0.5) await redis.cli('PUBLISH', 'mutt:config:updates', key).catch(() => {});
    });
  }

  /** Through a server that may be gone at any time. */
  writeOverHttp(url: string, apiKey: string): void {
    this.#repeat(100, async (n) => {
      const [key, value, requestId] = ['over_http', `http-${n}`, `http-${n}`];
      this.#invariants.wrote(key, value);
      const revision = await this.#untilKnown(async () => {
        const headers = { 'x-api-key': apiKey, 'content-type': 'application/json', 'idempotency-key': requestId };
        const body = JSON.stringify({ value });
        const signal = AbortSignal.timeout(5_000);
        const reply = await fetch(`${url}/api/v1/config/${key}`, { method: 'PUT', headers, body, signal });
        return reply.ok ? ((await reply.json()) as { revision: number }).revision : null;
      });
      if (revision === null) return;
      this.writes += 1;
      this.#invariants.history.push({ is: 'acknowledged', requestId, revision });
      this.acknowledged.push({ revision, atMs: performance.now() });
    });
  }

  /** Resolves when each has learnt what became of its last write: whatever made them fail has to be over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#writing);
  }

  #repeat(mostPauseMs: number, write: (n: number) => Promise<void>): void {
    const repeating = async (): Promise<void> => {
      for (let n = 0; !this.#stopping.signal.aborted; n++) {
        await write(n);
        await elapse(this.#random() * mostPauseMs);
      }
    };
    this.#writing.push(repeating());
  }

  /** null: it was refused, and is not applied. */
  async #surely(
    config: DynamicConfig,
    changes: readonly ChangeInput[],
    options: ChangeOptions,
  ): Promise<LoggedCommit | null> {
    return this.#untilKnown(async () => {
      try {
        return await config.commit(changes, options);
      } catch (error) {
        if (error instanceof RevisionConflictError) return 'refused';
        if (
          error instanceof OutcomeUnknownError ||
          error instanceof StoreUnavailableError ||
          error instanceof StoreRefusedError
        )
          return null;
        throw error;
      }
    }).then((outcome) => (outcome === 'refused' ? null : outcome));
  }

  async #untilKnown<T>(attempt: () => Promise<T | null>): Promise<T | null> {
    for (;;) {
      const outcome = await attempt().catch((error: unknown) => {
        // fetch says so of a server that is gone.
        if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')) return null;
        throw error;
      });
      if (outcome !== null) return outcome;
      await elapse(RETRY_MS);
    }
  }

  #confirmed(commit: LoggedCommit, expected?: { key: string; revision: number }): void {
    this.writes += 1;
    this.#invariants.acknowledged(commit, expected);
    this.acknowledged.push({ revision: commit.revision, atMs: performance.now() });
  }

  #pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)] as T;
  }
}
