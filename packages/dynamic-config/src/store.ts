/**
 * Where a namespace stands. Two heads are the same state exactly when all three fields are equal:
 * after a failover that lost writes, the same epoch and revision can name two histories, and only the hash differs.
 */
export interface Head {
  /** Random id of the namespace's lifetime; `''` while nothing was ever committed. */
  readonly epoch: string;
  /** Number of committed change sets; 0 while nothing was ever committed. */
  readonly revision: number;
  /** Hash over the whole log up to `revision`; `''` while nothing was ever committed. */
  readonly hash: string;
}

/** The head of a namespace in which nothing was ever committed. */
export const NO_HEAD: Head = Object.freeze({ epoch: '', revision: 0, hash: '' });

/** True when both name the same state of the same history. */
export function sameHead(a: Head, b: Head): boolean {
  return a.epoch === b.epoch && a.revision === b.revision && a.hash === b.hash;
}

/** What a key holds, and who put it there. */
export interface Entry {
  readonly value: string;
  /** The revision that last changed the key; 0 when no commit of ours ever did. */
  readonly revision: number;
  /** Milliseconds since 1970 by the store's clock; null when the value was written out of band. */
  readonly changedAtMs: number | null;
  /** Who; null when the value was written out of band. */
  readonly changedBy: string | null;
}

/**
 * Keys under which somebody put, past us, what can be no value, each with what is wrong with it, as the end of a sentence:
 * `its value is not UTF-8`. Neither a value nor a deletion: whoever holds an entry keeps it. Left out: there are none.
 */
export type Unreadable = ReadonlyMap<string, string>;

/** All entries at one revision, whole: never half of a change set. */
export interface Snapshot {
  readonly head: Head;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly unreadable?: Unreadable;
}

/** What the keys asked for hold at one moment, and the head at that same moment. null: no entry, or an unreadable one. */
export interface Reading {
  readonly head: Head;
  readonly entries: ReadonlyMap<string, Entry | null>;
  readonly unreadable?: Unreadable;
}

/** One key of a change set. A null value deletes. */
export interface Change {
  readonly key: string;
  readonly value: string | null;
  /** Commit only if the key is still at this revision (0: only if it has no entry). null: whatever it is. */
  readonly ifRevision: number | null;
}

/** Through us (`commit`), or by someone who wrote to the store directly (`out-of-band`). */
export type ChangeSource = 'commit' | 'out-of-band';

/** A change set that took effect, as it is announced. */
export interface Commit extends Head {
  /** The hash of the revision before, `''` for the first. */
  readonly previousHash: string;
  readonly changes: readonly CommittedChange[];
  /** Milliseconds since 1970 by the store's clock. */
  readonly changedAtMs: number;
  /** Who; null for an out-of-band change. */
  readonly changedBy: string | null;
  readonly reason: string | null;
  readonly source: ChangeSource;
  /** The request that asked for it; null for an out-of-band change. */
  readonly requestId: string | null;
  /** What it belongs to beyond this system, as its maker said; null: nothing was said. */
  readonly correlationId: string | null;
}

/** A null value is a deletion. */
export interface CommittedChange {
  readonly key: string;
  readonly value: string | null;
}

/** A commit as the log keeps it. */
export interface LoggedCommit extends Commit {
  /** What each of `changes` replaced, in the same order; null: there was no entry. */
  readonly previousValues: readonly (string | null)[];
  /** What a server has to say to whoever made it, as sentences; not kept. */
  readonly notices?: readonly string[];
  /** Keys whose values a server has written in its own way: `true` for `yes`. */
  readonly rewritten?: readonly string[];
  /** How many more changes it has that a server does not tell, because who asks may not see them. */
  readonly withheld?: number;
}

export interface CommitOptions {
  /** Makes a retry idempotent: a request id that the log still knows is not applied again. 1–128 visible ASCII characters. */
  readonly requestId: string;
  readonly changedBy: string;
  readonly reason: string | null;
  /** Ties the change to what caused it elsewhere: a request, a ticket. 1–128 visible ASCII characters. */
  readonly correlationId?: string | null;
  /** false: nothing is announced; others see the change through tracking, or at their next check. */
  readonly notify: boolean;
  /** Commit only if the namespace is still at this revision. null: whatever it is. */
  readonly ifRevision: number | null;
  /** For a store that refuses values by what is declared: set them all the same. */
  readonly force?: boolean;
}

/** The declaration of a key, without its code: what writers are held to, and what is shown of it. */
export interface SettingDescription {
  /** The builder that made it: `integer`, `text`, …; `schema` for a validator of somebody else's. */
  readonly type: string;
  /** The options of that builder which say what is valid. */
  readonly rule: Readonly<Record<string, unknown>>;
  /** JSON Schema (draft 2020-12) of its values; `{}` where it is not known. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** The text of the default; null: there is none, or it is secret. */
  readonly default: string | null;
  readonly description: string | null;
  readonly unit: string | null;
  /** Why not to use it any more. */
  readonly deprecated: string | null;
  readonly requiresRestart: boolean;
  readonly isSecret: boolean;
}

/** What one version of a service declares. */
export interface Registration {
  readonly service: string;
  readonly version: string;
  readonly settings: Readonly<Record<string, SettingDescription>>;
}

/** A registration, and when instances said that they run: milliseconds since 1970 by the store's clock. */
export interface SeenRegistration extends Registration {
  readonly registeredAtMs: number;
  readonly seenAtMs: number;
}

export interface Registrations {
  /** Milliseconds since 1970 by the store's clock. */
  readonly nowMs: number;
  readonly registrations: readonly SeenRegistration[];
}

export interface HistoryQuery {
  /** Only commits with a greater revision. 0: from the first that the log still holds. */
  readonly afterRevision: number;
}

/** What a store tells its watcher. Events of one connection arrive in the store's own order. */
export type StoreEvent =
  /**
   * Connected or reconnected. What happened before may have been missed; from here on nothing is missed silently.
   * `pushesWrites`: every write by anyone is announced. false: only commits are, and the watcher has to poll.
   */
  | { readonly type: 'connected'; readonly pushesWrites: boolean }
  /** The connection is lost; the store keeps trying by itself. Also sent for each failed attempt. */
  | { readonly type: 'disconnected'; readonly error: Error }
  | { readonly type: 'committed'; readonly commit: Commit }
  /**
   * Somebody may have written these keys (null: all of them). `explained`: a commit that was just announced accounts
   * for it, so looking at the value again can wait a moment.
   */
  | { readonly type: 'invalidated'; readonly keys: readonly string[] | null; readonly explained: boolean }
  /** What some keys hold now, pushed without being asked for. */
  | { readonly type: 'observed'; readonly reading: Reading };

export type StoreListener = (event: StoreEvent) => void;

/** Stops watching; resolves when nothing will be delivered any more. */
export type Unwatch = () => Promise<void>;

/**
 * Where entries live. Every store must pass `describeConfigStore`.
 *
 * - Every call settles: an unreachable or silent backend is a `StoreUnavailableError`, whatever the driver calls it.
 * - A backend that answers and refuses is a `StoreRefusedError` or `WrongTypeError` with the driver's error as `cause`.
 * - After `close`, every call rejects with `ClosedError`.
 */
export interface ConfigStore {
  /** Where this store is, for people and logs; without credentials. */
  readonly location: string;

  /**
   * All entries, whole. What breaks the rules for keys and values is left out, with one warning each; where the key is
   * one, it is in `unreadable`.
   *
   * @param held keys that the caller holds: a store that may overlook a key looks at these in any case.
   */
  load(held?: Iterable<string>): Promise<Snapshot>;

  /** What these keys hold, atomically with the head. */
  read(keys: readonly string[]): Promise<Reading>;

  /** Where the namespace stands: proof of life, and cheap. A connection that does not answer is dropped and made anew. */
  head(): Promise<Head>;

  /**
   * Applies a change set: all of it, or none of it and an error. A repeated request id returns the first commit.
   *
   * @throws RevisionConflictError when a precondition does not hold; nothing was written.
   * @throws OutcomeUnknownError when it was sent and never confirmed.
   */
  commit(changes: readonly Change[], options: CommitOptions): Promise<LoggedCommit>;

  /** Starts to deliver events, and keeps (re)connecting until stopped. At most one watch at a time. */
  watch(listener: StoreListener): Unwatch;

  /** Commits in order of revision, as far as the log still holds them. */
  history(query: HistoryQuery): AsyncIterable<LoggedCommit>;

  /**
   * Keeps what a service declares, as seen now; the same again only renews that. The store keeps the latest 200, of 30
   * days at most.
   */
  register(registration: Registration): Promise<void>;

  registrations(): Promise<Registrations>;

  /** Releases everything. Idempotent. */
  close(): Promise<void>;
}
