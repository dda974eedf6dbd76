import { isDeepStrictEqual } from 'node:util';
import type { Commit, DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { checkHistory } from '../faults/check-history.ts';
import type { CheckOptions } from '../faults/check-history.ts';
import type { HistoryEvent, Values } from '../faults/history.ts';
import { recordInstance } from '../faults/record-instance.ts';
import type { RedisServer } from './redis-server.ts';

const STORED = `
local all = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  if redis.call('TYPE', key).ok == 'string' then all[string.sub(key, #ARGV[1] + 1)] = redis.call('GET', key) end
end
return cjson.encode(all)`;

/**
 * Writes down what happens in a run, for `checkHistory`: what is written, and what instances make of it. See there for
 * what must not happen; what did is in `violations`.
 */
export class Invariants {
  readonly history: HistoryEvent[] = [];
  readonly #options: CheckOptions;
  #observed = 0;

  constructor(options: CheckOptions = {}) {
    this.#options = options;
  }

  get violations(): string[] {
    return checkHistory(this.history, this.#options);
  }

  /** Call it before the value is sent. */
  wrote(key: string, value: string | null): void {
    this.history.push({ is: 'attempted', key, value });
  }

  acknowledged({ revision, hash, requestId }: Commit, expected?: { key: string; revision: number }): void {
    this.history.push({
      is: 'acknowledged',
      requestId: requestId ?? '',
      revision,
      hash,
      ...(expected && { expected }),
    });
  }

  observe(config: DynamicConfig, name = `instance ${++this.#observed}`): void {
    recordInstance(config, name, (event) => {
      this.history.push(event);
      if (event.is === 'stepped') this.look(config, name);
    });
  }

  /** T, as a reader sees it right now. */
  look(config: DynamicConfig, instance = 'a reader'): void {
    for (const [left, right] of this.#options.pairs ?? []) {
      const [a, b] = [config.get(left, null), config.get(right, null)];
      if (a === b) continue;
      this.history.push({ is: 'misread', instance, invariant: 'T', what: `finds ${left}=${a} with ${right}=${b}` });
    }
  }

  /** How it ends: what the store holds, its whole log, and the audit trail where there is one. For C, N, A and L. */
  async ends(
    store: RedisServer | Values,
    commits: AsyncIterable<Commit> | Iterable<Commit>,
    records: readonly TrailRecord[] = [],
  ): Promise<void> {
    for await (const { epoch, revision, hash, previousHash, requestId, changes } of commits)
      this.history.push({ is: 'committed', head: { epoch, revision, hash }, previousHash, requestId, changes });
    for (const { epoch, revision, logHash: hash, key, newValues } of records) {
      if (key === null) continue;
      const value = newValues === null ? null : (JSON.parse(newValues) as { value: string }).value;
      this.history.push({ is: 'recorded', head: { epoch, revision, hash }, key, value });
    }
    this.history.push({ is: 'stored', values: isRedis(store) ? await stored(store) : store });
  }
}

function isRedis(store: RedisServer | Values): store is RedisServer {
  return typeof store['cli'] === 'function';
}

/** What of an audit record is compared with the log. */
interface TrailRecord {
  readonly epoch: string;
  readonly revision: number;
  readonly logHash: string;
  /** null: it is of a gap. */
  readonly key: string | null;
  readonly newValues: string | null;
}

/** U: reads all the time, between everything else that the process does, until it is stopped. */
export function readConstantly(config: DynamicConfig, look: () => void = () => {}): () => Readings {
  const readings = { reads: 0, slowestMs: 0, errors: [] as string[] };
  let isStopped = false;
  const read = (): void => {
    if (isStopped) return;
    const startedAtMs = performance.now();
    try {
      config.get('any', null);
      config.getAll();
      config.status();
      look();
    } catch (error) {
      readings.errors.push(String(error));
    }
    readings.slowestMs = Math.max(readings.slowestMs, performance.now() - startedAtMs);
    readings.reads += 1;
    setImmediate(read);
  };
  read();
  return () => {
    isStopped = true;
    return readings;
  };
}

export interface Readings {
  readonly reads: number;
  readonly slowestMs: number;
  readonly errors: readonly string[];
}

/** What `redis-cli` finds under the prefix. */
export async function stored(redis: RedisServer, prefix = 'mutt:config:'): Promise<Record<string, string>> {
  return JSON.parse(await redis.cli('EVAL', STORED, '0', prefix)) as Record<string, string>;
}

/** C: resolves when each instance serves exactly what is stored, with how long the last of them took. */
export async function converges(
  redis: RedisServer,
  configs: readonly DynamicConfig[],
  withinMs = 10_000,
): Promise<number> {
  const startedAtMs = performance.now();
  const all = await stored(redis);
  for (const [n, config] of configs.entries()) {
    const what = `instance ${n} serves what is stored`;
    await until(what, () => isDeepStrictEqual({ ...config.getAll() }, all), withinMs).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${difference(config.getAll(), all)}`, { cause: error });
    });
  }
  return performance.now() - startedAtMs;
}

/** H: resolves when it does not claim to be live any more, with how long that took. */
export async function leavesLive(config: DynamicConfig, withinMs: number): Promise<number> {
  const startedAtMs = performance.now();
  await until(`the state is not live`, () => config.status().state !== 'live' && !config.watcherRunning, withinMs);
  return performance.now() - startedAtMs;
}

export async function becomesLive(config: DynamicConfig, withinMs = 15_000): Promise<number> {
  const startedAtMs = performance.now();
  await until(`the state is live`, () => config.status().state === 'live', withinMs).catch((cause: unknown) => {
    const { state, revision, ageMs, lastError } = config.status();
    throw new Error(`${String(cause)}, but ${state} at ${revision}, ${ageMs} ms old: ${lastError?.message}`, { cause });
  });
  return performance.now() - startedAtMs;
}

/** Resolves when it was proven current twice more: what happened before has had its effect on `status()`. */
export async function provenAgain(config: DynamicConfig, withinMs = 5_000): Promise<void> {
  let { ageMs } = config.status();
  let proofs = 0;
  const isProven = (): boolean => {
    const lastAgeMs = ageMs;
    ({ ageMs } = config.status());
    if (ageMs < lastAgeMs) proofs += 1;
    return proofs >= 2;
  };
  await until('it is proven current again, and again', isProven, withinMs);
}

/** N: what the callbacks were told last, by key. */
export class Told {
  readonly last = new Map<string, string | undefined>();
  calls = 0;
  readonly #config: DynamicConfig;

  constructor(config: DynamicConfig) {
    this.#config = config;
    config.registerCallback('*', (key, value) => {
      this.last.set(key, value);
      this.calls += 1;
    });
  }

  /** Resolves when the callbacks know what the instance serves, for every key that changed since. */
  async knowsAll(withinMs = 5_000): Promise<void> {
    const isKnown = ([key, value]: [string, string | undefined]): boolean => this.#config.get(key, undefined) === value;
    await until('the final values have reached the callbacks', () => [...this.last].every(isKnown), withinMs);
  }
}

function difference(served: Readonly<Record<string, string>>, all: Readonly<Record<string, string>>): string {
  const keys = [...new Set([...Object.keys(served), ...Object.keys(all)])].filter((key) => served[key] !== all[key]);
  return keys
    .slice(0, 5)
    .map((key) => `${key} is ${served[key]?.slice(0, 40)}, stored is ${all[key]?.slice(0, 40)}`)
    .join('; ');
}
