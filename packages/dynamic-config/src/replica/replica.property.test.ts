import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryNamespace } from '../memory/memory-namespace.ts';
import type { Change, Head, LoggedCommit, StoreEvent } from '../store.ts';
import { NO_HEAD } from '../store.ts';
import { Replica } from './replica.ts';
import type { ReplicaRequest, Update } from './replica.ts';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 3_000);

type Action =
  | { type: 'commit'; value: number; notify: boolean }
  | { type: 'own commit'; value: number }
  | { type: 'raw'; key: 'raw1' | 'raw2' | 'left'; value: number | null }
  | { type: 'flush invalidations' }
  | { type: 'drop a push' }
  | { type: 'repeat a push' }
  | { type: 'reconnect' }
  | { type: 'send request' }
  | { type: 'execute request' }
  | { type: 'ask head' }
  | { type: 'execute head' }
  | { type: 'client reads'; count: number }
  | { type: 'client continues' };

const values = fc.integer({ min: 0, max: 5 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('commit' as const), value: values, notify: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('own commit' as const), value: values }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('raw' as const),
      key: fc.constantFrom('raw1' as const, 'raw2' as const),
      value: fc.option(values),
    }),
  },
  { weight: 3, arbitrary: fc.constant<Action>({ type: 'flush invalidations' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ type: 'drop a push' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ type: 'repeat a push' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ type: 'reconnect' }) },
  { weight: 4, arbitrary: fc.constant<Action>({ type: 'send request' }) },
  { weight: 4, arbitrary: fc.constant<Action>({ type: 'execute request' }) },
  { weight: 2, arbitrary: fc.constant<Action>({ type: 'ask head' }) },
  { weight: 2, arbitrary: fc.constant<Action>({ type: 'execute head' }) },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('client reads' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 5, arbitrary: fc.constant<Action>({ type: 'client continues' }) },
);

/** A push, or a reply; on one connection they arrive in the order in which the server made them. */
type Item = { push: StoreEvent } | { reply: () => void };

/**
 * One replica on one connection to a store: the server executes requests at some time, tracking is announced late, and
 * the client, as Node does, handles pushes as it parses them but goes on from a reply some time later.
 */
class World {
  readonly namespace = new MemoryNamespace({ now: () => 0, newEpoch: () => 'epoch' });
  readonly replica = new Replica();
  readonly #seenRevision = new Map<string, number>();
  readonly everStored = new Map<string, Set<string | null>>();
  #stream: Item[] = [];
  #continuations: (() => void)[] = [];
  #invalidated = new Set<string>();
  #request: { request: ReplicaRequest; executed: boolean } | null = null;
  #head: { begunAt: Head; executed: boolean } | null = null;
  #requests = 0;

  constructor() {
    this.namespace.listeners.add((event) => {
      if (event.type === 'invalidated') for (const key of event.keys ?? []) this.#invalidated.add(key);
      else this.#stream.push({ push: event });
    });
    this.replica.resync();
  }

  act(step: Action): void {
    switch (step.type) {
      case 'commit':
        this.#commit(step.value, step.notify);
        break;
      case 'own commit':
        this.#check(this.replica.committed(this.#commit(step.value, true)));
        break;
      case 'raw':
        this.#stored(step.key, step.value === null ? null : String(step.value));
        this.namespace.writeRaw(step.key, step.value === null ? null : String(step.value));
        break;
      case 'flush invalidations':
        if (this.#invalidated.size > 0) {
          this.#stream.push({ push: { type: 'invalidated', keys: [...this.#invalidated], explained: false } });
        }
        this.#invalidated.clear();
        break;
      case 'drop a push': {
        // Only announcements of commits: a lost invalidation is what the slow reconcile is for.
        const at = this.#stream.findIndex((item) => 'push' in item && item.push.type === 'committed');
        if (at >= 0) this.#stream.splice(at, 1);
        break;
      }
      case 'repeat a push': {
        const item = this.#stream.findLast((candidate) => 'push' in candidate);
        if (item !== undefined) this.#stream.push(item);
        break;
      }
      case 'reconnect':
        this.#reconnect();
        break;
      case 'send request':
        if (this.#request === null && this.replica.request !== null) {
          this.#request = { request: this.replica.request, executed: false };
          this.replica.begin(this.#request.request);
        }
        break;
      case 'execute request':
        this.#executeRequest();
        break;
      case 'ask head':
        this.#head ??= { begunAt: this.replica.head, executed: false };
        break;
      case 'execute head':
        this.#executeHead();
        break;
      case 'client reads':
        for (const item of this.#stream.splice(0, step.count)) this.#receive(item);
        break;
      case 'client continues':
        this.#continuations.shift()?.();
        break;
    }
    this.#checkValues();
  }

  /** No more faults: everything arrives, and the next check is made. */
  settle(): void {
    for (let round = 0; round < 20; round++) {
      const steps = ['flush invalidations', 'send request', 'execute request', 'ask head', 'execute head'] as const;
      for (const type of steps) this.act({ type });
      this.act({ type: 'client reads', count: 1_000 });
      while (this.#continuations.length > 0) this.act({ type: 'client continues' });
    }
  }

  #commit(value: number, notify: boolean): LoggedCommit {
    const text = String(value);
    const changes: Change[] = ['left', 'right', ...(value % 2 ? ['raw1'] : [])].map((key) => ({
      key,
      value: value === 0 ? null : text,
      ifRevision: null,
    }));
    for (const { key, value: stored } of changes) this.#stored(key, stored);
    const requestId = String((this.#requests += 1));
    return this.namespace.commit(changes, { requestId, changedBy: 'a', reason: null, notify, ifRevision: null });
  }

  #stored(key: string, value: string | null): void {
    this.everStored.set(key, (this.everStored.get(key) ?? new Set()).add(value));
  }

  #reconnect(): void {
    this.#stream = [];
    this.#continuations = [];
    this.#invalidated.clear();
    if (this.#request !== null) this.replica.failed(this.#request.request);
    this.#request = null;
    this.#head = null;
    this.replica.resync();
  }

  #executeRequest(): void {
    if (this.#request === null || this.#request.executed) return;
    this.#request.executed = true;
    const { request } = this.#request;
    const { head } = this.namespace;
    let arrive: () => void;
    if (request.type === 'load') {
      const entries = new Map([...this.namespace.keys()].map((key) => [key, this.namespace.entry(key)!] as const));
      arrive = () => this.#check(this.replica.snapshotArrived({ head, entries }));
    } else if (request.type === 'read') {
      const entries = new Map(request.keys.map((key) => [key, this.namespace.entry(key)] as const));
      arrive = () => this.#check(this.replica.readingArrived({ head, entries }));
    } else {
      const commits = this.namespace.log.filter(({ revision }) => revision > request.afterRevision);
      arrive = () => this.replica.historyArrived(commits, (update) => this.#check(update));
    }
    const reply = (): void => {
      this.#request = null;
      arrive();
    };
    this.#stream.push({ reply });
  }

  #executeHead(): void {
    if (this.#head === null || this.#head.executed) return;
    this.#head.executed = true;
    const { begunAt } = this.#head;
    const { head } = this.namespace;
    const reply = (): void => {
      this.#head = null;
      this.replica.headArrived(head, begunAt);
    };
    this.#stream.push({ reply });
  }

  #receive(item: Item): void {
    if ('reply' in item) this.#continuations.push(item.reply);
    else if (item.push.type === 'committed') this.#check(this.replica.committed(item.push.commit));
    else if (item.push.type === 'invalidated') this.replica.invalidate(item.push.keys ?? []);
  }

  #check(update: Update | null): void {
    if (update === null) return;
    assert(update.head.revision >= update.previousHead.revision, 'the revision never goes back');
    for (const { key, value, previousValue } of update.changes) {
      assert.notEqual(value, previousValue, `a change of ${key} is one`);
      assert.equal(this.replica.values.get(key) ?? null, value, `the change of ${key} is visible when it is told`);
    }
  }

  #checkValues(): void {
    const { values: held, entries } = this.replica;
    assert.equal(held.get('left'), held.get('right'), 'a change set is seen whole');
    for (const [key, { value, revision }] of entries) {
      assert(this.everStored.get(key)?.has(value), `${key}=${value} was stored`);
      assert(revision >= (this.#seenRevision.get(key) ?? 0), `${key} never goes back`);
      this.#seenRevision.set(key, revision);
    }
  }
}

describe('a replica', () => {
  it('serves only what was stored, never half a change set, never goes back, and ends as the store is', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(action, { maxLength: 80, size: 'max' }), (isLoaded, steps) => {
        const world = new World();
        if (isLoaded) world.settle();
        for (const step of steps) world.act(step);
        world.settle();
        const stored = [...world.namespace.keys()].map((key) => [key, world.namespace.entry(key)?.value]);
        expect(Object.fromEntries(world.replica.values)).toEqual(Object.fromEntries(stored));
        expect(world.replica.head).toEqual(world.namespace.head);
        expect(world.replica.request).toBeNull();
      }),
      { numRuns: RUNS },
    );
  }, 600_000);

  it('asks for history when commits are missing, and for a load only when the log cannot help', () => {
    const namespace = new MemoryNamespace();
    const replica = new Replica();
    const options = { changedBy: 'a', reason: null, notify: true, ifRevision: null };
    const commits = ['1', '2', '3', '4'].map((value) =>
      namespace.commit([{ key: 'k', value, ifRevision: null }], { ...options, requestId: value }),
    );
    replica.begin({ type: 'load' });
    replica.snapshotArrived({ head: NO_HEAD, entries: new Map() });
    replica.committed(commits[0]!);
    replica.committed(commits[2]!);
    expect(replica.request).toEqual({ type: 'history', afterRevision: 1 });
    replica.begin(replica.request!);
    const updates: Update[] = [];
    replica.historyArrived(commits.slice(1, 3), (update) => updates.push(update));
    expect([updates.length, replica.head.revision, replica.values.get('k'), replica.request]).toEqual([
      2,
      3,
      '3',
      null,
    ]);

    const late = new Replica();
    late.committed(commits[3]!);
    expect(late.request).toEqual({ type: 'load' });

    replica.headArrived({ ...namespace.head, revision: 9, hash: 'x' }, replica.head);
    expect(replica.request).toEqual({ type: 'history', afterRevision: 3 });
    replica.begin(replica.request!);
    replica.historyArrived([], () => {});
    expect(replica.request).toEqual({ type: 'load' });
  });

  it('does not let a slow reply undo a commit that overtook it', () => {
    const replica = new Replica();
    const head: Head = { epoch: 'e', revision: 1, hash: 'one' };
    const entry = { value: 'old', revision: 1, changedAtMs: 0, changedBy: 'a' };
    replica.begin({ type: 'load' });
    replica.snapshotArrived({ head, entries: new Map([['k', entry]]) });
    replica.invalidate(['k']);
    const request = replica.request as ReplicaRequest;
    replica.begin(request);
    const origin = { changedAtMs: 0, changedBy: 'a', reason: null, source: 'commit', requestId: 'r' } as const;
    const changes = [{ key: 'k', value: 'new' }];
    replica.committed({ ...origin, changes, epoch: 'e', revision: 2, hash: 'two', previousHash: 'one' });
    expect(replica.readingArrived({ head, entries: new Map([['k', entry]]) })).toBeNull();
    expect([replica.values.get('k'), replica.request]).toEqual(['new', { type: 'read', keys: ['k'] }]);
  });

  it('applies a commit only as the next link of its own chain', () => {
    const replica = new Replica();
    replica.begin({ type: 'load' });
    replica.snapshotArrived({ head: { epoch: 'e', revision: 7, hash: 'ours' }, entries: new Map() });
    const changes = [{ key: 'k', value: '1' }];
    const commit = { changes, changedAtMs: 0, changedBy: 'a', reason: null, source: 'commit', requestId: 'r' } as const;
    replica.committed({ ...commit, epoch: 'e', revision: 8, hash: 'next', previousHash: 'theirs' });
    expect([replica.head.revision, replica.values.size, replica.request]).toEqual([7, 0, { type: 'load' }]);
  });

  it('follows the store to another history of the same epoch and revision: only the hash tells', () => {
    const replica = new Replica();
    const head: Head = { epoch: 'e', revision: 7, hash: 'one' };
    replica.begin({ type: 'load' });
    const entry = { value: 'lost', revision: 7, changedAtMs: 0, changedBy: 'a' };
    replica.snapshotArrived({ head, entries: new Map([['k', entry]]) });
    expect(replica.headArrived({ ...head, hash: 'two' }, head)).toBe(false);
    expect(replica.request).toEqual({ type: 'load' });
    replica.begin({ type: 'load' });
    replica.snapshotArrived({ head: { ...head, hash: 'two' }, entries: new Map() });
    expect([replica.values.size, replica.head.hash]).toEqual([0, 'two']);
  });
});
