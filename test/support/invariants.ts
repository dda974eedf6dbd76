import { isDeepStrictEqual } from 'node:util';
import type { DynamicConfig, Head, Update } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import type { RedisServer } from './redis-server.ts';

/** Keys that every change set sets to the same value. */
export type Pair = readonly [string, string];

const STORED = `
local all = {}
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  if redis.call('TYPE', key).ok == 'string' then all[string.sub(key, #ARGV[1] + 1)] = redis.call('GET', key) end
end
return cjson.encode(all)`;

/**
 * Watches instances for what must never happen, step by step; what did is in `violations`.
 *
 * - V: only written values are served. Checked for keys of which `wrote` told.
 * - M: the revision is monotone within an epoch, and steps follow one another without a gap.
 * - T: no half of a change set is seen, in a step or between two.
 */
export class Invariants {
  readonly violations: string[] = [];
  readonly #pairs: readonly Pair[];
  readonly #written = new Map<string, Set<string>>();

  constructor({ pairs = [] }: { pairs?: readonly Pair[] } = {}) {
    this.#pairs = pairs;
  }

  /** Call it before the value is sent. */
  wrote(key: string, value: string): void {
    const values = this.#written.get(key) ?? new Set();
    this.#written.set(key, values.add(value));
  }

  observe(config: DynamicConfig, name = 'an instance'): void {
    let last: Head = config.head;
    this.#checkValues(config, name);
    config.subscribe((update) => {
      this.#checkStep(update, last, name);
      last = update.head;
      this.look(config, name);
      const all = config.getAll();
      for (const { key, value } of update.changes) {
        this.#checkValue(key, value, name);
        if (config.get(key, null) !== value || (all[key] ?? null) !== value)
          this.violations.push(`T: ${name} tells of ${key}=${value}, and serves ${all[key]}`);
      }
    });
  }

  /** T, as a reader sees it right now. */
  look(config: DynamicConfig, name = 'a reader'): void {
    for (const [left, right] of this.#pairs) {
      const [a, b] = [config.get(left, null), config.get(right, null)];
      if (a !== b) this.violations.push(`T: ${name} serves ${left}=${a} with ${right}=${b}`);
    }
  }

  #checkStep({ previousHead, head }: Update, last: Head, name: string): void {
    if (!isDeepStrictEqual(previousHead, last))
      this.violations.push(`M: ${name} was at ${describe(last)}, and stepped from ${describe(previousHead)}`);
    if (head.epoch === previousHead.epoch && head.revision < previousHead.revision)
      this.violations.push(`M: ${name} went back from ${describe(previousHead)} to ${describe(head)}`);
  }

  #checkValues(config: DynamicConfig, name: string): void {
    for (const [key, value] of Object.entries(config.getAll())) this.#checkValue(key, value, name);
  }

  #checkValue(key: string, value: string | null, name: string): void {
    const written = this.#written.get(key);
    if (written !== undefined && value !== null && !written.has(value))
      this.violations.push(`V: ${name} serves ${key}=${value}, which nobody wrote`);
  }
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

function describe({ epoch, revision, hash }: Head): string {
  return `${epoch.slice(0, 4)}:${revision}:${hash.slice(0, 4)}`;
}

function difference(served: Readonly<Record<string, string>>, all: Readonly<Record<string, string>>): string {
  const keys = [...new Set([...Object.keys(served), ...Object.keys(all)])].filter((key) => served[key] !== all[key]);
  return keys
    .slice(0, 5)
    .map((key) => `${key} is ${served[key]?.slice(0, 40)}, stored is ${all[key]?.slice(0, 40)}`)
    .join('; ');
}
