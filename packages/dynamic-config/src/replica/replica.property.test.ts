import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryNamespace } from '../memory/memory-namespace.ts';
import { StoreUnavailableError } from '../errors.ts';
import type { Change, Head, LoggedCommit, StoreEvent } from '../store.ts';
import { NO_HEAD, sameHead } from '../store.ts';
import { Replica } from './replica.ts';
import type { Loss, ReplicaRequest, Update } from './replica.ts';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? (process.env['CI'] === undefined ? 10_000 : 3_000));

type Action =
  | { type: 'commit'; value: number; notify: boolean }
  | { type: 'own commit'; value: number; isLate: boolean }
  | { type: 'own reply' }
  | { type: 'raw'; key: 'raw1' | 'raw2' | 'left'; value: number | null }
  | { type: 'spoil'; key: 'raw1' | 'raw2'; isQuiet: boolean }
  | { type: 'flush invalidations' }
  | { type: 'drop a push' }
  | { type: 'repeat a push' }
  | { type: 'reorder pushes' }
  | { type: 'reconnect' }
  | { type: 'flush the store' }
  | { type: 'restart the store'; lost: number }
  | { type: 'send request' }
  | { type: 'execute request' }
  | { type: 'take in a slice' }
  | { type: 'ask head' }
  | { type: 'execute head' }
  | { type: 'client reads'; count: number }
  | { type: 'client continues' };

const values = fc.integer({ min: 0, max: 5 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('commit' as const), value: values, notify: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('own commit' as const), value: values, isLate: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant<Action>({ type: 'own reply' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('raw' as const),
      key: fc.constantFrom('raw1' as const, 'raw2' as const),
      value: fc.option(values),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('spoil' as const),
      key: fc.constantFrom('raw1' as const, 'raw2' as const),
      isQuiet: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.constant<Action>({ type: 'flush invalidations' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ type: 'drop a push' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ type: 'repeat a push' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ type: 'reorder pushes' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ type: 'reconnect' }) },
  { weight: 1, arbitrary: fc.constant<Action>({ type: 'flush the store' }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('restart the store' as const), lost: fc.integer({ min: 0, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.constant<Action>({ type: 'take in a slice' }) },
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
  #epochs = 0;
  namespace = this.#newNamespace();
  readonly replica = new Replica();
  readonly #seenRevision = new Map<string, number>();
  /** The store has begun another history than the one that the replica last loaded. */
  #isAnotherHistory = false;
  /** What the replica held when the store was emptied, but for what was written since: it must be served on. */
  readonly mustKeep = new Map<string, string>();
  /** Keys under which somebody put what can be no value. To the store's own bookkeeping they are deleted. */
  readonly spoiled = new Set<string>();
  /** What the replica held for certain when that came about: it must be served until something else is stored. */
  readonly #mustHold = new Map<string, string>();
  /** The loss when it was last looked at, and the keys that it had. */
  #loss: { readonly loss: Loss | null; readonly keys: readonly string[] } = { loss: null, keys: [] };
  readonly everStored = new Map<string, Set<string | null>>();
  #stream: Item[] = [];
  #continuations: (() => void)[] = [];
  #invalidated = new Set<string>();
  #request: { request: ReplicaRequest; executed: boolean } | null = null;
  #slices: Generator<undefined, Update | null> | null = null;
  #head: { begunAt: Head; executed: boolean } | null = null;
  #requests = 0;
  /** Replies to our own commits, on a connection of their own. */
  readonly #ownReplies: LoggedCommit[] = [];

  constructor() {
    this.replica.resync();
  }

  #newNamespace(): MemoryNamespace {
    const epoch = `epoch-${(this.#epochs += 1)}`;
    const namespace = new MemoryNamespace({ now: () => 0, newEpoch: () => epoch });
    namespace.listeners.add((event) => {
      if (event.type === 'invalidated') for (const key of event.keys ?? []) this.#invalidated.add(key);
      else this.#stream.push({ push: event });
    });
    return namespace;
  }

  act(step: Action): void {
    switch (step.type) {
      case 'commit':
        this.#commit(step.value, step.notify);
        break;
      case 'own commit':
        this.#ownReplies.push(this.#commit(step.value, true));
        if (!step.isLate) this.#ownRepliesArrive();
        break;
      case 'own reply':
        this.#ownRepliesArrive();
        break;
      case 'raw':
        this.#stored(step.key, step.value === null ? null : String(step.value));
        this.namespace.writeRaw(step.key, step.value === null ? null : String(step.value));
        break;
      case 'spoil':
        if (step.isQuiet) this.settle();
        this.#spoil(step.key);
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
      case 'reorder pushes': {
        // The last two commits, wherever they are.
        const [second = -1, first = -1] = this.#stream
          .flatMap((item, n) => ('push' in item && item.push.type === 'committed' ? [n] : []))
          .toReversed();
        const [earlier, later] = [this.#stream[first], this.#stream[second]];
        if (earlier === undefined || later === undefined) break;
        this.#stream[first] = later;
        this.#stream[second] = earlier;
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
      case 'flush the store':
        this.#flush();
        break;
      case 'restart the store':
        this.#restart(step.lost);
        break;
      case 'take in a slice':
        this.#takeInSlice();
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
    this.act({ type: 'own reply' });
    for (let round = 0; round < 20; round++) {
      const steps = ['flush invalidations', 'send request', 'execute request', 'ask head', 'execute head'] as const;
      for (const type of steps) this.act({ type });
      this.act({ type: 'client reads', count: 1_000 });
      while (this.#continuations.length > 0) this.act({ type: 'client continues' });
      while (this.#slices !== null) this.act({ type: 'take in a slice' });
    }
  }

  #ownRepliesArrive(): void {
    for (const commit of this.#ownReplies.splice(0)) {
      if (commit.epoch !== this.namespace.head.epoch) this.#isAnotherHistory = true;
      this.#check(this.replica.committed(commit));
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

  #spoil(key: string): void {
    const value = this.replica.values.get(key);
    if (this.#isSettled && value !== undefined && this.namespace.entry(key)?.value === value) {
      this.#mustHold.set(key, value);
    }
    // Somebody wrote it: when that is deleted again, it is deleted.
    this.mustKeep.delete(key);
    this.namespace.writeRaw(key, null);
    this.spoiled.add(key);
  }

  /** Nothing is under way: what the replica holds is for certain. */
  get #isSettled(): boolean {
    const arriving = [this.#stream, this.#continuations, this.#ownReplies];
    const isQuiet = arriving.every(({ length }) => length === 0) && this.#invalidated.size === 0;
    return isQuiet && this.replica.request === null && this.#request === null;
  }

  /** FLUSHALL: everything is gone, and Redis says so on the connection that stays. */
  #flush(): void {
    this.namespace = this.#newNamespace();
    this.spoiled.clear();
    this.#mustHold.clear();
    this.#stream.push({ push: { type: 'invalidated', keys: null, explained: false } });
    this.#isAnotherHistory = true;
    // Only what it holds for certain: what is under way may be from before or from after.
    const isQuiet = this.#stream.length === 1 && this.#ownReplies.length === 0;
    const isSettled = isQuiet && this.replica.request === null && this.#request === null;
    if (isSettled && this.replica.head.epoch !== '') {
      for (const [key, value] of this.replica.values) this.mustKeep.set(key, value);
    }
  }

  /** A restart that lost the last commits, and every raw write: the same epoch, whose revisions will be used again. */
  #restart(lost: number): void {
    const { log } = this.namespace;
    const kept = log.slice(0, Math.max(0, log.length - lost));
    if (kept.length === 0 && log.length > 0) return;
    const before = this.namespace;
    this.spoiled.clear();
    this.#mustHold.clear();
    this.#epochs -= 1;
    this.namespace = this.#newNamespace();
    for (const { changes, requestId, changedBy, reason } of kept) {
      if (requestId === null) for (const { key, value } of changes) this.namespace.writeRaw(key, value);
      else {
        const options = { requestId, changedBy: changedBy ?? '', reason, notify: false, ifRevision: null };
        this.namespace.commit(
          changes.map((change) => ({ ...change, ifRevision: null })),
          options,
        );
      }
    }
    before.listeners.clear();
    this.#ownReplies.length = 0;
    this.#isAnotherHistory = true;
    this.#reconnect();
  }

  #stored(key: string, value: string | null): void {
    this.mustKeep.delete(key);
    this.#mustHold.delete(key);
    this.spoiled.delete(key);
    this.everStored.set(key, (this.everStored.get(key) ?? new Set()).add(value));
  }

  #reconnect(): void {
    this.#stream = [];
    this.#continuations = [];
    this.#invalidated.clear();
    // Slices go on: what was loaded is loaded. A request that is not answered has failed.
    if (this.#request !== null && this.#slices === null) {
      this.replica.failed(this.#request.request);
      this.#request = null;
    }
    this.#head = null;
    this.replica.connected();
  }

  #takeInSlice(): void {
    const { request } = this.#request ?? {};
    let taken: IteratorResult<undefined, Update | null> | undefined;
    try {
      taken = this.#slices?.next();
    } catch (error) {
      assert(error instanceof StoreUnavailableError);
      this.#slices = null;
      this.#request = null;
      this.replica.failed(request!);
    }
    if (!taken?.done) return;
    this.#slices = null;
    this.#request = null;
    this.#check(taken.value);
    // Two histories that have not begun look the same.
    const { head } = this.replica;
    if (!this.#isAnotherHistory || head.epoch === '' || !sameHead(head, this.namespace.head)) return;
    this.#isAnotherHistory = false;
    this.#seenRevision.clear();
  }

  #executeRequest(): void {
    if (this.#request === null || this.#request.executed) return;
    this.#request.executed = true;
    const { request } = this.#request;
    const { head } = this.namespace;
    let arrive: () => void;
    if (request.type === 'load') {
      const entries = new Map([...this.namespace.keys()].map((key) => [key, this.namespace.entry(key)!] as const));
      const unreadable = this.#unreadable([...this.spoiled]);
      arrive = () => void (this.#slices = this.replica.snapshotSlices({ head, entries, unreadable }, 1));
    } else if (request.type === 'read') {
      const entries = new Map(request.keys.map((key) => [key, this.namespace.entry(key)] as const));
      const unreadable = this.#unreadable(request.keys.filter((key) => this.spoiled.has(key)));
      arrive = () => this.#check(this.replica.readingArrived({ head, entries, unreadable }));
    } else {
      const commits = this.namespace.log.filter(({ revision }) => revision > request.afterRevision);
      arrive = () => this.replica.historyArrived(commits, (update) => this.#check(update));
    }
    const reply = (): void => {
      if (request.type !== 'load') this.#request = null;
      arrive();
    };
    this.#stream.push({ reply });
  }

  #unreadable(keys: readonly string[]): Map<string, string> {
    return new Map(keys.map((key) => [key, 'it is a list']));
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
    else if (item.push.type === 'invalidated') {
      if (item.push.keys === null) this.replica.resync();
      else this.replica.invalidate(item.push.keys);
    }
  }

  #check(update: Update | null): void {
    if (update === null) return;
    if (update.head.epoch === update.previousHead.epoch && update.commit !== null) {
      assert(update.head.revision > update.previousHead.revision, '3: a commit moves the revision on');
    }
    for (const { key, value, previousValue } of update.changes) {
      assert.notEqual(value, previousValue, `4: a change of ${key} is one`);
      assert.equal(this.replica.values.get(key) ?? null, value, `4: the change of ${key} is visible when it is told`);
    }
  }

  #checkLoss(): void {
    const { loss } = this.replica;
    const keys = [...(loss?.keys ?? [])];
    for (const key of keys) assert(this.replica.values.has(key), `5: the lost ${key} is served`);
    if (loss === this.#loss.loss) assert.deepEqual(keys, this.#loss.keys, 'another loss is another object');
    this.#loss = { loss, keys };
  }

  #checkValues(): void {
    const { values: held, entries } = this.replica;
    assert.equal(held.get('left'), held.get('right'), '2: a change set is seen whole');
    assert.deepEqual([...held.keys()], [...entries.keys()]);
    for (const [key, value] of this.mustKeep)
      assert.equal(held.get(key), value, `5: ${key} outlives the emptied store`);
    for (const [key, value] of this.#mustHold)
      assert.equal(held.get(key), value, `5: ${key} outlives what can be no value`);
    this.#checkLoss();
    for (const [key, { value, revision }] of entries) {
      assert(this.everStored.get(key)?.has(value), `1: ${key}=${value} was stored`);
      // The revision of what is kept may be one of another epoch.
      const isKept = this.replica.loss?.keys.has(key) || this.replica.unreadable.has(key);
      if (this.#isAnotherHistory || isKept) continue;
      assert(revision >= (this.#seenRevision.get(key) ?? 0), `3: ${key} never goes back`);
      this.#seenRevision.set(key, revision);
    }
  }
}

/** The numbers are those of the invariants in docs/replica.md. */
describe('a replica', () => {
  it('serves only what was stored, never half a change set, never goes back, and ends as the store is', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(action, { maxLength: 80, size: 'max' }), (isLoaded, steps) => {
        const world = new World();
        if (isLoaded) world.settle();
        for (const step of steps) world.act(step);
        world.settle();
        const stored = [...world.namespace.keys()].map((key) => [key, world.namespace.entry(key)?.value]);
        const lost = world.replica.loss?.keys ?? new Set();
        const served = [...world.replica.values].filter(([key]) => !lost.has(key) && !world.spoiled.has(key));
        expect(new Set(world.replica.unreadable.keys())).toEqual(world.spoiled);
        expect(Object.fromEntries(served)).toEqual(Object.fromEntries(stored));
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
    expect(replica.request).toEqual({ type: 'history', afterRevision: 1, limit: 1_000 });
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
    expect(replica.request).toEqual({ type: 'history', afterRevision: 3, limit: 1_000 });
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
    const origin = {
      changedAtMs: 0,
      changedBy: 'a',
      reason: null,
      source: 'commit',
      requestId: 'r',
      correlationId: null,
    } as const;
    const changes = [{ key: 'k', value: 'new' }];
    replica.committed({ ...origin, changes, epoch: 'e', revision: 2, hash: 'two', previousHash: 'one' });
    expect(replica.readingArrived({ head, entries: new Map([['k', entry]]) })).toBeNull();
    expect([replica.values.get('k'), replica.request]).toEqual(['new', { type: 'read', keys: ['k'] }]);
  });

  it('asks again for what could not be read', () => {
    const replica = new Replica();
    const head: Head = { epoch: 'e', revision: 1, hash: 'one' };
    replica.begin({ type: 'load' });
    replica.snapshotArrived({ head, entries: new Map() });
    replica.invalidate(['k']);
    const request = replica.request as ReplicaRequest;
    replica.begin(request);
    replica.failed(request);
    // The store's head tells nothing of what others wrote.
    expect(replica.headArrived(head, head)).toBe(true);
    expect(replica.request).toEqual({ type: 'read', keys: ['k'] });
  });

  it('is not told by the record of a write past us that a key can be read again', () => {
    const replica = new Replica();
    const head: Head = { epoch: 'e', revision: 1, hash: 'one' };
    replica.begin({ type: 'load' });
    replica.snapshotArrived({ head, entries: new Map(), unreadable: new Map([['k', 'it is a list']]) });
    const origin = { changedAtMs: 0, changedBy: null, reason: null, requestId: null, correlationId: null };
    const changes = [{ key: 'k', value: null }];
    const record = { ...origin, changes, epoch: 'e', revision: 2, hash: 'two', previousHash: 'one' };
    replica.committed({ ...record, source: 'out-of-band' });
    expect([[...replica.unreadable.keys()], replica.request]).toEqual([['k'], { type: 'read', keys: ['k'] }]);
    replica.committed({ ...record, source: 'commit', revision: 3, hash: 'three', previousHash: 'two' });
    expect(replica.unreadable.size).toBe(0);
  });

  it('applies a commit only as the next link of its own chain', () => {
    const replica = new Replica();
    replica.begin({ type: 'load' });
    replica.snapshotArrived({ head: { epoch: 'e', revision: 7, hash: 'ours' }, entries: new Map() });
    const changes = [{ key: 'k', value: '1' }];
    const commit = {
      changes,
      changedAtMs: 0,
      changedBy: 'a',
      reason: null,
      source: 'commit',
      requestId: 'r',
      correlationId: null,
    } as const;
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

  describe('whose store comes back empty', () => {
    const before: Head = { epoch: 'before', revision: 7, hash: 'x' };
    const entry = { value: '1', revision: 7, changedAtMs: 0, changedBy: 'a' };
    const load = (replica: Replica, head: Head, ...keys: string[]): Update | null => {
      replica.begin({ type: 'load' });
      return replica.snapshotArrived({ head, entries: new Map(keys.map((key) => [key, entry])) });
    };
    const loaded = (...keys: string[]): Replica => {
      const replica = new Replica();
      load(replica, before, ...keys);
      return replica;
    };
    const commit = (key: string, value: string | null): LoggedCommit => ({
      epoch: 'after',
      revision: 1,
      hash: 'y',
      previousHash: '',
      changes: [{ key, value }],
      previousValues: [null],
      changedAtMs: 0,
      changedBy: 'a',
      reason: null,
      source: 'commit',
      requestId: 'r',
      correlationId: null,
    });

    it.each([
      ['without any history', NO_HEAD, [] as string[]],
      ['with a new one that began without our keys', { epoch: 'after', revision: 1, hash: 'y' }, ['a']],
    ])('%s keeps every value that it does not mention, and says so', (_, head, stored) => {
      const replica = loaded('a', 'b');
      expect(load(replica, head, ...stored)?.changes).toEqual([]);
      expect([...replica.values.keys()].toSorted()).toEqual(['a', 'b']);
      expect(replica.loss).toEqual({ head: before, keys: new Set(['a', 'b'].filter((key) => !stored.includes(key))) });
    });

    it('applies what is written from then on, deletions too, and forgets the loss key by key', () => {
      const replica = loaded('a', 'b', 'c');
      load(replica, NO_HEAD);
      replica.committed(commit('a', '2'));
      expect([replica.values.get('a'), [...(replica.loss?.keys ?? [])]]).toEqual(['2', ['b', 'c']]);
      replica.committed({ ...commit('b', null), revision: 2, hash: 'z', previousHash: 'y' });
      expect([replica.values.has('b'), [...(replica.loss?.keys ?? [])]]).toEqual([false, ['c']]);
      replica.readingArrived({ head: replica.head, entries: new Map([['c', null]]) });
      expect(replica.values.get('c')).toBe('1');
      load(replica, replica.head, 'a', 'c');
      expect(replica.loss).toBeNull();
    });

    const slicesOf = (replica: Replica, head: Head): Generator<undefined, Update | null> => {
      load(replica, NO_HEAD);
      replica.begin({ type: 'load' });
      const slices = replica.snapshotSlices({ head, entries: new Map() }, 1);
      slices.next();
      return slices;
    };
    const changes = ['a', 'b'].map((key) => ({ key, value: null }));

    it('lets go of all of what a commit deletes between two slices, one that the snapshot holds already', () => {
      const replica = loaded('a', 'b');
      const slices = slicesOf(replica, { epoch: 'after', revision: 1, hash: 'y' });
      replica.committed({ ...commit('a', null), changes });
      expect(replica.values.size).toBe(0);
      while (!slices.next().done);
      expect([[...replica.values.keys()], replica.loss]).toEqual([[], null]);
    });

    it('sees a change set whole also when it comes after more commits than are remembered', () => {
      const replica = loaded('a', 'b');
      const slices = slicesOf(replica, NO_HEAD);
      const next = (revision: number): LoggedCommit => ({
        ...commit('other', String(revision)),
        revision,
        hash: `hash ${revision}`,
        previousHash: revision === 1 ? '' : `hash ${revision - 1}`,
      });
      for (let revision = 1; revision <= 10_000; revision++) replica.committed(next(revision));
      replica.committed({ ...next(10_001), changes });
      while (!slices.next().done);
      expect([replica.values.has('a'), replica.values.has('b'), replica.request]).toEqual([
        false,
        false,
        { type: 'load' },
      ]);
    });

    it('takes nothing of a snapshot of another history than what was applied between two slices', () => {
      const replica = loaded('a', 'b');
      const slices = slicesOf(replica, { epoch: 'after', revision: 1, hash: 'y' });
      replica.committed({ ...commit('a', null), epoch: 'later', changes });
      expect(() => {
        while (!slices.next().done);
      }).toThrow('another history');
      replica.failed({ type: 'load' });
      expect([[...replica.values.keys()], replica.head.epoch, replica.request]).toEqual([
        [],
        'later',
        { type: 'load' },
      ]);
    });

    it('takes a snapshot though the reply to our own commit overtook what was announced before it', () => {
      const replica = loaded('a', 'b');
      replica.begin({ type: 'load' });
      const slices = replica.snapshotSlices({ head: { ...before, revision: 3, hash: 'w' }, entries: new Map() }, 1);
      slices.next();
      const later = { ...commit('a', '5'), epoch: 'before', revision: 5, hash: 'five', previousHash: 'four' };
      replica.committed(later);
      replica.committed({ ...later, revision: 4, hash: 'four', previousHash: 'w' });
      while (!slices.next().done);
      expect([replica.head.revision, replica.request]).toEqual([
        4,
        { type: 'history', afterRevision: 4, limit: 1_000 },
      ]);
    });

    it('keeps the loss over later loads of the new history', () => {
      const replica = loaded('a', 'b');
      load(replica, NO_HEAD);
      load(replica, { epoch: 'after', revision: 1, hash: 'y' }, 'a');
      load(replica, { epoch: 'after', revision: 2, hash: 'z' }, 'a');
      expect(replica.loss).toEqual({ head: before, keys: new Set(['b']) });
    });

    it.each([
      ['the same history, further on', { ...before, revision: 8 }],
      ['the same history, further back, as after a restart from an old file', { ...before, revision: 3 }],
    ])('is told from deletions: %s is followed', (_, head) => {
      const replica = loaded('a', 'b');
      load(replica, head, 'a');
      expect([[...replica.values.keys()], replica.loss]).toEqual([['a'], null]);
    });

    it('raises no alarm where another history holds all that we hold', () => {
      const replica = loaded('a');
      load(replica, { epoch: 'after', revision: 1, hash: 'y' }, 'a', 'b');
      expect(replica.loss).toBeNull();
    });
  });
});
