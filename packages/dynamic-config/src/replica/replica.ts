import { NO_HEAD, sameHead } from '../store.ts';
import type { ChangeSource, Commit, Entry, Head, LoggedCommit, Reading, Snapshot } from '../store.ts';

/** One key as it changed in this replica. */
export interface AppliedChange {
  readonly key: string;
  /** null: the key was deleted. */
  readonly value: string | null;
  /** What this replica held before; null: nothing. */
  readonly previousValue: string | null;
  /** The revision that last changed the key, 0 when no commit ever did. */
  readonly revision: number;
  /** Milliseconds since 1970 by the store's clock; null when unknown (out of band). */
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
  readonly reason: string | null;
  readonly source: ChangeSource;
}

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
  readonly #dirty = new Set<string>();

  /** Keys that an emptied store lost, and where this replica stood then. */
  readonly #lost = new Set<string>();
  #lostAt: Head = NO_HEAD;

  /** The head when the request under way left; null: none is. */
  #begunAt: Head | null = null;
  /** What was announced since then: commits in order, and the keys whose entries were replaced. */
  #recorded: Commit[] = [];
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

  /** Begins from what an earlier process knew; a load has to show what became of it since. */
  resume({ head, entries, loss }: { head: Head; entries: ReadonlyMap<string, Entry>; loss: Loss | null }): void {
    for (const [key, entry] of entries) put(this.#entries, this.#values, key, entry);
    this.#head = head;
    this.#heardOf = head.revision;
    for (const key of loss?.keys ?? []) this.#lost.add(key);
    this.#lostAt = loss?.head ?? NO_HEAD;
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
    for (const key of keys) this.#dirty.add(key);
  }

  /** A commit was announced, by the store's push or by the reply to our own. */
  committed(commit: Commit): Update | null {
    if (this.#begunAt !== null) this.#record(commit);
    return this.#applyCommit(commit);
  }

  /** Values that the store pushed without being asked. */
  observed(reading: Reading): Update | null {
    if (this.#accepts(reading.head, this.#head)) return this.#observe(reading);
    this.invalidate(reading.entries.keys());
    return null;
  }

  /** A request leaves. */
  begin(request: ReplicaRequest): void {
    this.#begunAt = this.#head;
    this.#catchUpFirst = false;
    if (request.type === 'load') this.#loadNeeded = false;
    if (request.type === 'read') for (const key of request.keys) this.#dirty.delete(key);
  }

  /** The request under way failed: it is still needed. */
  failed(request: ReplicaRequest): void {
    this.#endRequest();
    if (request.type === 'load') this.#loadNeeded = true;
    if (request.type === 'read') this.invalidate(request.keys);
  }

  /** What the store lost, and this replica still serves; null: nothing. */
  get loss(): Loss | null {
    return this.#lost.size === 0 ? null : { head: this.#lostAt, keys: this.#lost };
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
   */
  *snapshotSlices(snapshot: Snapshot, slice = SLICE): Generator<undefined, Update | null> {
    const entries = new Map<string, Entry>();
    const values = new Map<string, string>();
    const differing = new Set<string>();
    let worked = 0;
    for (const [key, entry] of snapshot.entries) {
      entries.set(key, entry);
      values.set(key, entry.value);
      if (this.#values.get(key) !== entry.value) differing.add(key);
      if (++worked % slice === 0) yield;
    }
    const isEmptied = this.#isEmptiedBy(snapshot);
    const lost = new Set<string>();
    for (const [key, entry] of this.#entries) {
      if (!snapshot.entries.has(key)) {
        if (isEmptied || this.#lost.has(key)) {
          lost.add(key);
          entries.set(key, entry);
          values.set(key, entry.value);
        } else {
          differing.add(key);
        }
      }
      if (++worked % slice === 0) yield;
    }
    return this.#swap({ head: snapshot.head, entries, values, differing, lost, isEmptied });
  }

  /**
   * True when the store has lost what we hold, rather than that somebody deleted it: it has no history any more, or
   * another one, that began without it. A namespace without any history that is empty all at once is taken for lost, too.
   */
  #isEmptiedBy({ head, entries }: Snapshot): boolean {
    const { epoch } = this.#begunAt ?? this.#head;
    return epoch === '' ? head.epoch === '' && entries.size === 0 : head.epoch !== epoch;
  }

  /** Makes what the slices have built the state, brought up to date with what happened meanwhile. */
  #swap({ head: loaded, entries, values, differing, lost, isEmptied }: Built): Update | null {
    const { recorded, touched } = this.#endRequest();
    const previousHead = this.#head;
    const held = this.#values;
    let head = loaded;
    this.#heardOf = head.revision;
    // Which came later, the snapshot or what touched the key, cannot be told.
    this.invalidate(touched);
    for (const key of touched) {
      differing.add(key);
      const entry = this.#entries.get(key);
      if (lost.has(key) && entry !== undefined) put(entries, values, key, entry);
    }
    for (const commit of recorded) {
      if (isNext(head, commit)) {
        for (const { key, value } of commit.changes) {
          if (commit.source === 'out-of-band' && value !== (values.get(key) ?? null)) {
            this.#dirty.add(key);
            continue;
          }
          put(entries, values, key, value === null ? null : toEntry(commit, value));
          differing.add(key);
          lost.delete(key);
        }
        head = headOf(commit);
      } else if (commit.revision > head.revision) {
        this.#heardOf = commit.revision;
      }
    }
    if (isEmptied && lost.size > 0) this.#lostAt = previousHead;
    this.#lost.clear();
    for (const key of lost) this.#lost.add(key);
    this.#entries = entries;
    this.#values = values;
    this.#head = head;
    const changes: AppliedChange[] = [];
    for (const key of differing) this.#noteChange(key, entries.get(key) ?? null, held.get(key) ?? null, changes);
    if (changes.length === 0 && sameHead(previousHead, head)) return null;
    return { previousHead, head, commit: null, changes };
  }

  /** The reply to a history request: commits in order, each one a step, told of before the next is made. */
  historyArrived(commits: readonly LoggedCommit[], onUpdate: (update: Update) => void): void {
    const begunAt = this.#begunAt?.revision ?? this.#head.revision;
    const { recorded } = this.#endRequest();
    for (const commit of [...commits, ...recorded]) {
      const update = this.#applyCommit(commit);
      if (update !== null) onUpdate(update);
    }
    // Still behind without a step forward: the log no longer holds what we need, so only a load can tell.
    if (this.#heardOf > this.#head.revision && this.#head.revision === begunAt) this.#loadNeeded = true;
  }

  /** The reply to a read. Keys touched while it was under way are read again: which came later cannot be told. */
  readingArrived(reading: Reading): Update | null {
    const begunAt = this.#begunAt ?? this.#head;
    const { touched } = this.#endRequest();
    if (!this.#accepts(reading.head, begunAt)) {
      this.invalidate(reading.entries.keys());
      return null;
    }
    this.invalidate(touched);
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
    for (const [key, entry] of reading.entries) this.#take(key, entry, changes);
    if (changes.length === 0) return null;
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
      if (source === 'out-of-band' && value !== previousValue) {
        this.#dirty.add(key);
        continue;
      }
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
    this.#set(key, entry);
    this.#noteChange(key, entry, previousValue, changes);
  }

  #noteChange(key: string, entry: Entry | null, previousValue: string | null, changes: AppliedChange[]): void {
    const value = entry?.value ?? null;
    if (value === previousValue) return;
    const { revision = 0, changedAtMs = null, changedBy = null } = entry ?? {};
    const source = changedAtMs === null ? 'out-of-band' : 'commit';
    changes.push({ key, value, previousValue, revision, changedAtMs, changedBy, reason: null, source });
  }

  #set(key: string, entry: Entry | null): void {
    if (this.#begunAt !== null) this.#touched.add(key);
    this.#lost.delete(key);
    put(this.#entries, this.#values, key, entry);
  }

  #record(commit: Commit): void {
    if (this.#recorded.length < RECORDED_LIMIT) this.#recorded.push(commit);
    else this.#loadNeeded = true;
  }

  #endRequest(): { recorded: readonly Commit[]; touched: ReadonlySet<string> } {
    const ended = { recorded: this.#recorded, touched: new Set(this.#touched) };
    this.#begunAt = null;
    this.#recorded = [];
    this.#touched.clear();
    return ended;
  }
}

/** A state that `snapshotSlices` has built. */
interface Built {
  readonly head: Head;
  readonly entries: Map<string, Entry>;
  readonly values: Map<string, string>;
  /** Keys that may hold something else than before. */
  readonly differing: Set<string>;
  readonly lost: Set<string>;
  readonly isEmptied: boolean;
}

/** True when `commit` is the next link of the chain that `head` ends. */
function isNext(head: Head, commit: Commit): boolean {
  const sameEpoch = commit.epoch === head.epoch || sameHead(head, NO_HEAD);
  return sameEpoch && commit.revision === head.revision + 1 && commit.previousHash === head.hash;
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
