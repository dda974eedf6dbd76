import type { Head } from '@mutt/dynamic-config';
import type { HistoryEvent, Pair, Values } from './history.ts';

type Of<T extends HistoryEvent['is']> = Extract<HistoryEvent, { is: T }>;

export interface CheckOptions {
  readonly pairs?: readonly Pair[];
  /** Invariants that this run does not promise, such as M where Redis loses what it had. */
  readonly except?: string;
}

/**
 * What must not have happened; each begins with the letter of its invariant:
 *
 * - V: an instance served what nobody wrote. For keys that somebody is known to have written.
 * - M: its revision went back within an epoch, or it stepped from where it was not.
 * - T: it served half of a change set.
 * - U: a read failed.
 * - H: it called itself live without what was acknowledged longer ago than the bound.
 * - C: in the end it serves something else than the store holds. Only where the end was recorded.
 * - N: its callbacks know another value than the last. Likewise.
 * - A: what was acknowledged is not there once, or the log and the audit trail differ. Likewise.
 * - L: compare-and-set replaced something else than it had named. Likewise.
 */
export function checkHistory(
  history: readonly HistoryEvent[],
  { pairs = [], except = '' }: CheckOptions = {},
): string[] {
  const stored = of(history, 'stored').at(-1);
  const instances = grouped(
    history.filter((event) => 'instance' in event),
    ({ instance }) => instance,
  );
  const written = writtenValues(history);
  const violations = [...instances].flatMap(([name, events]) =>
    new Instance(name, pairs, written).check(events, stored?.values ?? null),
  );
  const commits = of(history, 'committed');
  if (stored !== undefined || commits.length > 0) violations.push(...checkLog(history, commits));
  return violations.filter(([letter = '']) => !except.includes(letter));
}

/** V, M, T, U, C, N: goes through what one instance saw. */
class Instance {
  readonly #name: string;
  readonly #pairs: readonly Pair[];
  readonly #written: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #served = new Map<string, string>();
  readonly #called = new Map<string, string | null>();
  readonly #changed = new Set<string>();
  readonly #violations: string[] = [];
  #head: Head | null = null;
  #isKilled = false;

  constructor(name: string, pairs: readonly Pair[], written: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#name = name;
    this.#pairs = pairs;
    this.#written = written;
  }

  check(events: readonly Extract<HistoryEvent, { instance: string }>[], stored: Values | null): string[] {
    for (const event of events) {
      if (event.is === 'began') this.#begin(event);
      else if (event.is === 'stepped') this.#step(event);
      else if (event.is === 'called') this.#called.set(event.key, event.value);
      else if (event.is === 'killed') this.#isKilled = true;
      else this.#violations.push(`${event.invariant}: ${this.#name} ${event.what}`);
    }
    if (stored !== null && this.#head !== null && !this.#isKilled) this.#end(stored);
    return this.#violations;
  }

  #begin({ head, values }: Of<'began'>): void {
    this.#head = head;
    this.#served.clear();
    for (const [key, value] of Object.entries(values)) this.#serve(key, value);
    this.#lookAtPairs();
  }

  #step({ previousHead, head, changes }: Of<'stepped'>): void {
    const at = this.#head ?? previousHead;
    if (describe(at) !== describe(previousHead))
      this.#say('M', `was at ${describe(at)}, and stepped from ${describe(previousHead)}`);
    if (head.epoch === previousHead.epoch && head.revision < previousHead.revision)
      this.#say('M', `went back from ${describe(previousHead)} to ${describe(head)}`);
    this.#head = head;
    for (const { key, value } of changes) {
      this.#serve(key, value);
      this.#changed.add(key);
    }
    this.#lookAtPairs();
  }

  #serve(key: string, value: string | null): void {
    if (value === null) this.#served.delete(key);
    else this.#served.set(key, value);
    const written = this.#written.get(key);
    if (value !== null && written !== undefined && !written.has(value))
      this.#say('V', `served ${key}=${value}, which nobody wrote`);
  }

  #lookAtPairs(): void {
    for (const [left, right] of this.#pairs) {
      const [a, b] = [this.#served.get(left), this.#served.get(right)];
      if (a !== b) this.#say('T', `served ${left}=${a} with ${right}=${b}, at ${this.#head?.revision}`);
    }
  }

  #end(stored: Values): void {
    for (const key of new Set([...this.#served.keys(), ...Object.keys(stored)])) {
      const [served, held] = [this.#served.get(key), Object.hasOwn(stored, key) ? stored[key] : undefined];
      if (served !== held) this.#say('C', `serves ${key}=${served} in the end, and the store holds ${held}`);
    }
    for (const key of this.#changed) {
      const [told, served] = [this.#called.get(key), this.#served.get(key) ?? null];
      if (told !== served) this.#say('N', `told its callbacks ${key}=${told} last, and serves ${served}`);
    }
  }

  #say(letter: string, what: string): void {
    this.#violations.push(`${letter}: ${this.#name} ${what}`);
  }
}

/** A and L: what was acknowledged, what the log holds, and what the trail has of it. */
function checkLog(history: readonly HistoryEvent[], commits: readonly Of<'committed'>[]): string[] {
  const violations: string[] = [];
  const byRequest = grouped(commits, ({ requestId }) => requestId);
  for (const [requestId, { length }] of byRequest)
    if (requestId !== null && length > 1) violations.push(`A: ${requestId} was applied ${length} times`);
  for (const { requestId, revision, hash } of of(history, 'acknowledged')) {
    const [commit] = byRequest.get(requestId) ?? [];
    if (commit === undefined) violations.push(`A: ${requestId} was acknowledged as revision ${revision}, and is lost`);
    else if (commit.head.revision !== revision || (hash !== undefined && commit.head.hash !== hash))
      violations.push(`A: ${requestId} was acknowledged as revision ${revision}, and is ${describe(commit.head)}`);
  }
  for (const [n, { head, previousHash }] of commits.entries()) {
    const before = commits[n - 1]?.head;
    if (before?.epoch !== head.epoch) continue;
    if (head.revision !== before.revision + 1 || previousHash !== before.hash)
      violations.push(`A: ${describe(head)} does not follow ${describe(before)} in the log`);
  }
  return [...violations, ...checkTrail(of(history, 'recorded'), commits), ...checkExpected(history, commits)];
}

/** A: each change of each commit has one record, and there are no others. Only where there are any records. */
function checkTrail(records: readonly Of<'recorded'>[], commits: readonly Of<'committed'>[]): string[] {
  if (records.length === 0) return [];
  const counts = new Map<string, number>();
  for (const record of records) {
    const name = changeName(record.head, record);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const violations: string[] = [];
  for (const change of commits.flatMap(({ head, changes }) => changes.map((one) => changeName(head, one)))) {
    const count = counts.get(change) ?? 0;
    if (count !== 1) violations.push(`A: ${change} has ${count} records`);
    counts.delete(change);
  }
  return [...violations, ...[...counts.keys()].map((name) => `A: ${name} is recorded, and was never committed`)];
}

/** L: each compare-and-set that succeeded replaced the revision of its key that it named. */
function checkExpected(history: readonly HistoryEvent[], commits: readonly Of<'committed'>[]): string[] {
  const expected = new Map(
    of(history, 'acknowledged').map(({ requestId, expected }) => [requestId, expected] as const),
  );
  const violations: string[] = [];
  const current = new Map<string, number>();
  for (const { head, requestId, changes } of commits) {
    const named = requestId === null ? undefined : expected.get(requestId);
    if (named !== undefined && (current.get(named.key) ?? 0) !== named.revision) {
      const found = current.get(named.key) ?? 0;
      violations.push(`L: ${requestId} replaced revision ${found} of ${named.key}, and had named ${named.revision}`);
    }
    for (const { key, value } of changes) current.set(key, value === null ? 0 : head.revision);
  }
  return violations;
}

function writtenValues(history: readonly HistoryEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const written = new Map<string, Set<string>>();
  for (const { key, value } of of(history, 'attempted')) {
    const values = written.get(key) ?? new Set();
    written.set(key, values);
    if (value !== null) values.add(value);
  }
  return written;
}

function grouped<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

function of<T extends HistoryEvent['is']>(history: readonly HistoryEvent[], is: T): Of<T>[] {
  return history.filter((event): event is Of<T> => event.is === is);
}

function changeName(head: Head, { key, value }: { readonly key: string; readonly value: string | null }): string {
  return `${describe(head)} ${key}=${value}`;
}

function describe({ epoch, revision, hash }: Head): string {
  return `${epoch.slice(0, 4)}:${revision}:${hash.slice(0, 6)}`;
}
