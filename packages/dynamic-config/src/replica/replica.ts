import type { AppliedChange } from '../applied-change.ts';
import { StoreUnavailableError } from '../errors.ts';
import { NO_HEAD, sameHead } from '../store.ts';
import type { Commit, Entry, Head, LoggedCommit, Reading, Snapshot, Unreadable } from '../store.ts';

/** One step of a replica: all of a change set, or values seen without one. */
export interface Update {
  readonly previousHead: Head;
  readonly head: Head;
  /** null: values written out of band, or what a resync found. */
  readonly commit: Commit | null;
  /** Only what really differs, in the order of the change set. */
  readonly changes: readonly AppliedChange[];
}

/** What the replica needs next to be current again. */
export type ReplicaRequest =
  | { readonly type: 'load' }
  | { readonly type: 'history'; readonly afterRevision: number; readonly limit: number }
  | { readonly type: 'read'; readonly keys: readonly string[] };

/** What this replica serves though the store has lost it. */
export interface Loss {
  /** Where the replica stood when the store turned out to be emptied. */
  readonly head: Head;
  /** Keys that the store lost, and that nobody has set or deleted since. */
  readonly keys: ReadonlySet<string>;
}

/** Most keys in one `read` request, so that no single reply holds up the store or this process. */
const READ_BATCH = 20;
/** Most commits in one `history` request. */
const HISTORY_BATCH = 1_000;
/** Most commits remembered while a request is under way; beyond it what they changed is fetched again. */
const RECORDED_LIMIT = 10_000;
/** Entries of a snapshot that are taken in without a pause: a few milliseconds. */
const SLICE = 2_000;
/** Commits, of up to 1,000 changes each. */
const RECORDED_SLICE = 2;

/**
 * An instance's in-memory copy: decides, without any I/O, what each piece of news means. docs/replica.md is its
 * specification: the states, the events and the numbered invariants.
 *
 * Replies are fenced by what was applied while they were under way: whoever drives the replica calls `begin` when a
 * request leaves and the matching `…Arrived` when its reply is there. One request is under way at a time.
 *
 * Commits are applied only as the next link of the chain (epoch, revision + 1, previous hash): whatever does not fit
 * makes the replica ask for history, or for a load.
 */
export class Replica {
  #values = new Map<string, string>();
  #entries = new Map<string, Entry>();
  #head: Head = NO_HEAD;

  #loadNeeded = false;
  /** Commits were missed: told one by one, where the log has them, before the load says what else became of it. */
  #catchUpFirst = false;
  /** The highest revision of this epoch that was heard of. Beyond `#head.revision`, the commits between are missing. */
  #heardOf = 0;
  /** Read in the order in which they came. */
  readonly #dirty = new Set<string>();
  #doubted = 0;

  /** Keys whose entry here, if any, is kept, since what the store holds can be no value. Replaced when it changes. */
  #unreadable: Unreadable = new Map();

  /** Keys that an emptied store lost, and where this replica stood then. */
  #lost = new Set<string>();
  #lostAt: Head = NO_HEAD;
  /** What `loss` returned; null: it has changed since. */
  #loss: Loss | null = null;

  /** The request under way, and the head when it left; null: none is. */
  #underWay: { readonly request: ReplicaRequest; readonly begunAt: Head } | null = null;
  /** Commits that were announced since then, in order. */
  #recorded: Recorded[] = [];
  /** Keys of which something was seen since then that its reply may be older, or newer, than. */
  readonly #touched = new Set<string>();

  /** What readers look up. Changed only between two events, so a change set is seen whole. */
  get values(): ReadonlyMap<string, string> {
    return this.#values;
  }

  get head(): Head {
    return this.#head;
  }

  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  /** Keys under which the store holds what can be no value. The same object until they are others. */
  get unreadable(): Unreadable {
    return this.#unreadable;
  }

  /** Begins from what an earlier process knew; a load has to show what became of it since. */
  resume({ head, entries, loss }: { head: Head; entries: ReadonlyMap<string, Entry>; loss: Loss | null }): void {
    for (const [key, entry] of entries) put(this.#entries, this.#values, key, entry);
    this.#head = head;
    this.#heardOf = head.revision;
    for (const key of loss?.keys ?? []) this.#lost.add(key);
    this.#lostAt = loss?.head ?? NO_HEAD;
    this.#loss = null;
    this.#loadNeeded = true;
  }

  /** What to ask the store for next; null: the replica is current as far as it knows. */
  get request(): ReplicaRequest | null {
    if (this.#loadNeeded && !this.#catchUpFirst) return { type: 'load' };
    if (this.#catchUpFirst || this.#heardOf > this.#head.revision) {
      return { type: 'history', afterRevision: this.#head.revision, limit: HISTORY_BATCH };
    }
    if (this.#dirty.size === 0) return null;
    const keys: string[] = [];
    for (const key of this.#dirty) {
      keys.push(key);
      if (keys.length === READ_BATCH) break;
    }
    return { type: 'read', keys };
  }

  /** Something may have been missed that only a load tells of, whatever is asked for before it. */
  get mustLoad(): boolean {
    return this.#loadNeeded;
  }

  /** Anything may have been missed. */
  resync(): void {
    this.#loadNeeded = true;
  }

  /** Connected, for the first time or again: anything may have been missed. */
  connected(): void {
    this.#loadNeeded = true;
    this.#catchUpFirst = this.#head.epoch !== '';
  }

  /** Somebody may have written these keys. */
  invalidate(keys: Iterable<string>): void {
    for (const key of keys) this.#markDirty(key);
  }

  /** How many times a key was found to be in doubt so far. */
  get doubted(): number {
    return this.#doubted;
  }

  /** Of these, from the first on, how many are in doubt no more. */
  get settled(): number {
    const { request } = this.#underWay ?? {};
    return this.#doubted - this.#dirty.size - (request?.type === 'read' ? request.keys.length : 0);
  }

  #markDirty(key: string): void {
    if (this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#doubted += 1;
  }

  /** A commit was announced, by the store's push or by the reply to our own. */
  committed(commit: Commit): Update | null {
    const update = this.#applyCommit(commit);
    if (this.#underWay !== null) this.#record({ commit, isApplied: update !== null });
    return update;
  }

  /** Values that the store pushed without being asked. */
  observed(reading: Reading): Update | null {
    if (this.#accepts(reading.head, this.#head)) return this.#observe(reading);
    this.invalidate(reading.entries.keys());
    return null;
  }

  /** A request leaves. */
  begin(request: ReplicaRequest): void {
    this.#underWay = { request, begunAt: this.#head };
    this.#catchUpFirst = false;
    if (request.type === 'load') this.#loadNeeded = false;
    if (request.type === 'read') for (const key of request.keys) this.#dirty.delete(key);
  }

  /** The request under way failed: it is still needed. */
  failed(request: ReplicaRequest): void {
    this.#endRequest();
    // What cannot be told commit by commit is still found as a whole.
    if (request.type === 'history') this.#heardOf = this.#head.revision;
    if (request.type === 'read') this.invalidate(request.keys);
    else this.#loadNeeded = true;
  }

  /** What the store lost, and this replica still serves; null: nothing. The same object until it is another loss. */
  get loss(): Loss | null {
    if (this.#lost.size === 0) return null;
    this.#loss ??= { head: this.#lostAt, keys: this.#lost };
    return this.#loss;
  }

  /** `snapshotSlices` in one go. */
  snapshotArrived(snapshot: Snapshot): Update | null {
    const slices = this.snapshotSlices(snapshot);
    for (;;) {
      const { done, value } = slices.next();
      if (done) return value;
    }
  }

  /**
   * The reply to a load: the store's whole state, and what was announced since the load left, as one step. A large
   * state is taken in slice by slice, so that the process can do something else in between (other events included);
   * all of it becomes visible at the end.
   *
   * @throws StoreUnavailableError when it is of another history than what was applied meanwhile: the load has failed.
   */
  *snapshotSlices(snapshot: Snapshot, slice = SLICE): Generator<undefined, Update | null> {
    const built: Built = {
      entries: new Map(),
      values: new Map(),
      changes: new Map(),
      lost: new Set(),
      unreadable: new Map(snapshot.unreadable),
    };
    let worked = 0;
    for (const [key, entry] of snapshot.entries) {
      put(built.entries, built.values, key, entry);
      this.#compare(key, built);
      if (++worked % slice === 0) yield;
    }
    const isEmptied = this.#isEmptiedBy(snapshot);
    for (const [key, entry] of this.#entries) {
      if (!snapshot.entries.has(key)) {
        const isUnreadable = built.unreadable.has(key);
        if (isUnreadable || isEmptied || this.#lost.has(key)) {
          if (!isUnreadable) built.lost.add(key);
          put(built.entries, built.values, key, entry);
        } else {
          this.#compare(key, built);
        }
      }
      if (++worked % slice === 0) yield;
    }
    let head = snapshot.head;
    this.#heardOf = head.revision;
    for (let n = 0; n < this.#recorded.length; n++) {
      const { commit, isApplied } = this.#recorded[n] as Recorded;
      if (isNext(head, commit)) {
        this.#overlay(commit, built);
        head = headOf(commit);
      } else if (isApplied && !mayContain(head, commit)) {
        throw new StoreUnavailableError('The store went over to another history while it was loaded.');
      } else {
        if (commit.revision > head.revision) this.#heardOf = Math.max(this.#heardOf, commit.revision);
        for (const { key } of commit.changes) this.#followKept(key, built);
      }
      if (n % RECORDED_SLICE === 0) yield;
    }
    return this.#swap(head, built, isEmptied);
  }

  /** Applies a commit that was announced meanwhile, and is next, to a state that is being built. */
  #overlay(commit: Commit, built: Built): void {
    for (const { key, value } of commit.changes) {
      const isDoubtful = value !== (built.values.get(key) ?? null) || built.unreadable.has(key);
      if (commit.source === 'out-of-band' && isDoubtful) {
        this.#markDirty(key);
      } else {
        put(built.entries, built.values, key, value === null ? null : toEntry(commit, value));
        built.lost.delete(key);
        built.unreadable.delete(key);
      }
      this.#compare(key, built);
    }
  }

  /** Something became of a key since a state is being built: what that keeps of it, though its store does not, is as now. */
  #followKept(key: string, built: Built): void {
    const entry = this.#entries.get(key) ?? null;
    if (built.lost.has(key) || built.unreadable.has(key)) put(built.entries, built.values, key, entry);
    if (entry === null) built.lost.delete(key);
    this.#compare(key, built);
  }

  /** Notes what becomes of a key in a state that is being built. */
  #compare(key: string, { entries, changes }: Built): void {
    const change = changeOf(key, entries.get(key) ?? null, this.#values.get(key) ?? null);
    if (change === null) changes.delete(key);
    else changes.set(key, change);
  }

  /**
   * True when the store has lost what we hold, rather than that somebody deleted it: it has no history any more, or
   * another one, that began without it. A namespace without any history that is empty all at once is taken for lost, too.
   */
  #isEmptiedBy({ head, entries }: Snapshot): boolean {
    const { epoch } = this.#underWay?.begunAt ?? this.#head;
    return epoch === '' ? head.epoch === '' && entries.size === 0 : head.epoch !== epoch;
  }

  /** Makes what the slices have built the state. */
  #swap(head: Head, built: Built, isEmptied: boolean): Update | null {
    const touched = this.#endRequest();
    const { entries, values, changes, lost, unreadable } = built;
    const previousHead = this.#head;
    // Which came later, the snapshot or what was seen of the key, cannot be told.
    this.invalidate(touched);
    for (const key of touched) this.#followKept(key, built);
    if (isEmptied && lost.size > 0) this.#lostAt = previousHead;
    const isLossNew = lost.size > 0 && this.#lost.size === 0;
    this.#lost = lost;
    this.#loss = null;
    this.#entries = entries;
    this.#values = values;
    this.#head = head;
    const before = this.#unreadable;
    if (!sameUnreadable(before, unreadable)) this.#unreadable = unreadable;
    const isOther = isLossNew || this.#unreadable !== before;
    if (changes.size === 0 && sameHead(previousHead, head) && !isOther) return null;
    return { previousHead, head, commit: null, changes: [...changes.values()] };
  }

  /** The reply to a history request: commits in order, each one a step, told of before the next is made. */
  historyArrived(commits: readonly LoggedCommit[], onUpdate: (update: Update) => void): void {
    const begunAt = this.#underWay?.begunAt.revision ?? this.#head.revision;
    const recorded = this.#recorded;
    this.#endRequest();
    for (const commit of [...commits, ...recorded.map((one) => one.commit)]) {
      const update = this.#applyCommit(commit);
      if (update !== null) onUpdate(update);
    }
    // Still behind without a step forward: the log no longer holds what we need, so only a load can tell.
    if (this.#heardOf > this.#head.revision && this.#head.revision === begunAt) this.#loadNeeded = true;
  }

  /** The reply to a read. Keys touched while it was under way are read again: which came later cannot be told. */
  readingArrived(reading: Reading): Update | null {
    const begunAt = this.#underWay?.begunAt ?? this.#head;
    const touched = this.#endRequest();
    if (!this.#accepts(reading.head, begunAt)) {
      this.invalidate(reading.entries.keys());
      return null;
    }
    this.invalidate([...reading.entries.keys()].filter((key) => touched.has(key)));
    return this.#observe({
      ...reading,
      entries: new Map([...reading.entries].filter(([key]) => !touched.has(key))),
    });
  }

  /** Where the store says it stands; `begunAt` is this replica's head when the question left. True: we are there too. */
  headArrived(head: Head, begunAt: Head): boolean {
    return this.#accepts(head, begunAt);
  }

  /** True when `head` lies on our chain, between `begunAt` and where we are now; otherwise notes what is needed. */
  #accepts(head: Head, begunAt: Head): boolean {
    if (sameHead(head, this.#head)) return true;
    const forked = [begunAt, this.#head].some(({ revision, hash }) => revision === head.revision && hash !== head.hash);
    if (head.epoch !== this.#head.epoch || head.revision < begunAt.revision || forked) {
      this.#loadNeeded = true;
      return false;
    }
    this.#heardOf = Math.max(this.#heardOf, head.revision);
    return head.revision < this.#head.revision;
  }

  #observe(reading: Reading): Update | null {
    const changes: AppliedChange[] = [];
    const before = this.#unreadable;
    for (const [key, entry] of reading.entries) {
      const why = reading.unreadable?.get(key);
      if (why === undefined) this.#take(key, entry, changes);
      else this.#keep(key, why);
    }
    if (changes.length === 0 && this.#unreadable === before) return null;
    return { previousHead: this.#head, head: this.#head, commit: null, changes };
  }

  #applyCommit(commit: Commit): Update | null {
    if (isNext(this.#head, commit)) return this.#advance(commit);
    const { revision } = this.#head;
    if (commit.epoch !== this.#head.epoch || commit.revision === revision + 1) this.#loadNeeded = true;
    else if (commit.revision === revision && commit.hash !== this.#head.hash) this.#loadNeeded = true;
    else this.#heardOf = Math.max(this.#heardOf, commit.revision);
    return null;
  }

  #advance(commit: Commit): Update {
    const { revision, changedAtMs, changedBy, reason, source } = commit;
    const previousHead = this.#head;
    const changes: AppliedChange[] = [];
    for (const { key, value } of commit.changes) {
      const previousValue = this.#values.get(key) ?? null;
      // What others wrote is believed when it is read: it may be no valid value, and may be overwritten by now.
      if (source === 'out-of-band' && (value !== previousValue || this.#unreadable.has(key))) {
        this.#markDirty(key);
        continue;
      }
      if (this.#underWay?.request.type === 'read') this.#touched.add(key);
      this.#set(key, value === null ? null : toEntry(commit, value));
      if (value !== previousValue)
        changes.push({ key, value, previousValue, revision, changedAtMs, changedBy, reason, source });
    }
    this.#head = headOf(commit);
    return { previousHead, head: this.#head, commit, changes };
  }

  /** Takes what the store holds; a change is what differs by value. */
  #take(key: string, entry: Entry | null, changes: AppliedChange[]): void {
    // That the store has lost it is no news.
    if (entry === null && this.#lost.has(key)) return;
    const previousValue = this.#values.get(key) ?? null;
    if (this.#underWay !== null) this.#touched.add(key);
    this.#set(key, entry);
    const change = changeOf(key, entry, previousValue);
    if (change !== null) changes.push(change);
  }

  /** Somebody put there what can be no value: what is held stays. */
  #keep(key: string, why: string): void {
    if (this.#underWay !== null) this.#touched.add(key);
    if (this.#lost.delete(key)) this.#loss = null;
    if (this.#unreadable.get(key) !== why) this.#unreadable = new Map(this.#unreadable).set(key, why);
  }

  #set(key: string, entry: Entry | null): void {
    if (this.#lost.delete(key)) this.#loss = null;
    if (this.#unreadable.has(key)) this.#unreadable = new Map([...this.#unreadable].filter(([other]) => other !== key));
    put(this.#entries, this.#values, key, entry);
  }

  #record(recorded: Recorded): void {
    if (this.#recorded.length < RECORDED_LIMIT) {
      this.#recorded.push(recorded);
      return;
    }
    this.#loadNeeded = true;
    for (const { key } of recorded.commit.changes) this.#touched.add(key);
  }

  /** Returns what was touched while it was under way. */
  #endRequest(): ReadonlySet<string> {
    const touched = new Set(this.#touched);
    this.#underWay = null;
    this.#recorded = [];
    this.#touched.clear();
    return touched;
  }
}

/** A commit that was announced while a request was under way. */
interface Recorded {
  readonly commit: Commit;
  /** It was next, and so was a step. */
  readonly isApplied: boolean;
}

/** A state that `snapshotSlices` builds. */
interface Built {
  readonly entries: Map<string, Entry>;
  readonly values: Map<string, string>;
  /** What differs from the state of now, by key. */
  readonly changes: Map<string, AppliedChange>;
  readonly lost: Set<string>;
  readonly unreadable: Map<string, string>;
}

/** How a key changes that was found to hold something; null: not at all. */
function changeOf(key: string, entry: Entry | null, previousValue: string | null): AppliedChange | null {
  const value = entry?.value ?? null;
  if (value === previousValue) return null;
  const { revision = 0, changedAtMs = null, changedBy = null } = entry ?? {};
  const source = changedAtMs === null ? 'out-of-band' : 'commit';
  return { key, value, previousValue, revision, changedAtMs, changedBy, reason: null, source };
}

/** True when `commit` is the next link of the chain that `head` ends. */
function isNext(head: Head, commit: Commit): boolean {
  const sameEpoch = commit.epoch === head.epoch || sameHead(head, NO_HEAD);
  return sameEpoch && commit.revision === head.revision + 1 && commit.previousHash === head.hash;
}

/** True when the history that ends at `head` has got the commit, as far as their revisions and hashes tell. */
function mayContain(head: Head, { epoch, revision, hash }: Commit): boolean {
  if (epoch !== head.epoch || revision > head.revision) return false;
  return revision < head.revision || hash === head.hash;
}

function sameUnreadable(a: Unreadable, b: Unreadable): boolean {
  return a.size === b.size && [...a].every(([key, why]) => b.get(key) === why);
}

function headOf({ epoch, revision, hash }: Head): Head {
  return { epoch, revision, hash };
}

function toEntry({ revision, changedAtMs, changedBy, source }: Commit, value: string): Entry {
  return source === 'commit'
    ? { value, revision, changedAtMs, changedBy }
    : { value, revision, changedAtMs: null, changedBy: null };
}

function put(entries: Map<string, Entry>, values: Map<string, string>, key: string, entry: Entry | null): void {
  if (entry === null) {
    entries.delete(key);
    values.delete(key);
  } else {
    entries.set(key, entry);
    values.set(key, entry.value);
  }
}
