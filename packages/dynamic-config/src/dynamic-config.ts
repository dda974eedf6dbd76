import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { assertKey, assertRevision, toChanges } from './change-set.ts';
import type { ChangeInput, ValueInput } from './change-set.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { ClosedError, InvalidOptionError, KeyNotFoundError } from './errors.ts';
import type { Logger } from './logger.ts';
import { openStore } from './open-store.ts';
import { Callbacks } from './replica/callbacks.ts';
import type { ChangeCallback } from './replica/callbacks.ts';
import { Replica } from './replica/replica.ts';
import type { Update } from './replica/replica.ts';
import type { Status } from './status.ts';
import type { ConfigStore, Entry, Head, HistoryQuery, LoggedCommit, Snapshot } from './store.ts';
import { Watcher } from './watcher.ts';

export interface ConnectOptions {
  /** Namespace: all keys are `prefix:key`. Default `mutt:config`. Redis only. */
  readonly prefix?: string;
  /** The staleness bound in seconds, 0.1 to 3600: after that long without proof, `status()` says so. Default 5. */
  readonly cacheTtl?: number;
  /** Who is recorded as the author of this instance's changes. Default `<user>@<host>`. A server records its own sign-in instead. */
  readonly changedBy?: string;
  /** API key of a server (`http://`, `https://`). */
  readonly apiKey?: string;
  /** Start the watcher at once. Default true. */
  readonly startWatcher?: boolean;
  /** How long `connect` waits for the first load, in milliseconds. Default 10,000. */
  readonly startupTimeoutMs?: number;
  /** Where warnings go. Default `console`. */
  readonly logger?: Logger;
  /** Told what a callback threw or rejected with. Default: logged. */
  readonly onCallbackError?: (error: unknown, key: string) => void;
  /** Time, for tests. */
  readonly clock?: Clock;
}

/** Options of one change set. */
export interface ChangeOptions {
  /** Why; recorded with the change. */
  readonly reason?: string | undefined;
  /** Who; default as given to `connect`. */
  readonly changedBy?: string | undefined;
  /** false: announce nothing; others see the change through tracking, or within `cacheTtl`. Default true. */
  readonly notify?: boolean | undefined;
  /** Commit only if the namespace is still at this revision. */
  readonly ifRevision?: number | undefined;
  /** Makes a retry idempotent: the same id is applied once. Default random. */
  readonly requestId?: string | undefined;
}

/** Options of `set` and `delete`: as for a change set, but `ifRevision` is the key's (0: only if it has no entry). */
export type SetOptions = ChangeOptions;

const DEFAULT_CACHE_TTL = 5;
const DEFAULT_STARTUP_TIMEOUT_MS = 10_000;

/**
 * A namespace's settings in this process's memory, kept current.
 *
 * @example
 * const config = await DynamicConfig.connect('redis://localhost:6379');
 * const interval = Number(config.get('cache_reload_interval', '300'));
 */
export class DynamicConfig implements AsyncDisposable {
  readonly #store: ConfigStore;
  readonly #ownsStore: boolean;
  readonly #replica = new Replica();
  readonly #callbacks: Callbacks;
  readonly #watcher: Watcher;
  readonly #subscribers = new Set<(update: Update) => void>();
  readonly #changedBy: string;
  readonly #logger: Logger;
  #all: Readonly<Record<string, string>> | null = null;
  #snapshot: Snapshot | null = null;
  #closed = false;

  private constructor(store: ConfigStore, ownsStore: boolean, options: ConnectOptions) {
    this.#store = store;
    this.#ownsStore = ownsStore;
    this.#logger = options.logger ?? console;
    this.#changedBy = options.changedBy ?? defaultAuthor();
    this.#callbacks = new Callbacks(
      options.onCallbackError ??
        ((error, key) => this.#logger.error(`The callback of ${key} failed: ${describe(error)}`)),
    );
    this.#watcher = new Watcher({
      store,
      replica: this.#replica,
      cacheTtlMs: toCacheTtlMs(options.cacheTtl ?? DEFAULT_CACHE_TTL),
      clock: options.clock ?? systemClock,
      random: Math.random,
      onUpdate: (update) => this.#updated(update),
    });
  }

  /**
   * Loads the namespace and starts to keep it current.
   *
   * @param target `redis://`, `rediss://`, `http://`, `https://`, or a store of your own (which `close` then leaves open).
   * @throws StoreUnavailableError when nothing could be loaded within `startupTimeoutMs`.
   * @throws StoreRefusedError, AccessDeniedError, InvalidOptionError at once: waiting would not help.
   */
  static async connect(target: string | ConfigStore, options: ConnectOptions = {}): Promise<DynamicConfig> {
    const ownsStore = typeof target === 'string';
    const store = ownsStore ? await openStore(target, options) : target;
    try {
      const config = new DynamicConfig(store, ownsStore, options);
      await config.#start(options);
      return config;
    } catch (error) {
      if (ownsStore) await store.close();
      throw error;
    }
  }

  /**
   * The value of a key, from memory.
   *
   * @throws KeyNotFoundError when there is no such entry and no default.
   */
  get(key: string): string;
  get<D>(key: string, defaultValue: D): string | D;
  get(key: string, ...defaultValue: [] | [unknown]): unknown {
    const value = this.#replica.values.get(key);
    if (value !== undefined) return value;
    if (defaultValue.length === 0) throw new KeyNotFoundError(key);
    return defaultValue[0];
  }

  /** All values by key, sorted, frozen, of one revision; without a prototype, so that any key is safe. */
  getAll(): Readonly<Record<string, string>> {
    this.#all ??= Object.freeze(
      Object.assign(Object.create(null), Object.fromEntries([...this.#replica.values].toSorted(byKey))) as Record<
        string,
        string
      >,
    );
    return this.#all;
  }

  /** A key's value with its revision, time and author. */
  entry(key: string): Entry | undefined {
    return this.#replica.entries.get(key);
  }

  /** All entries at one revision; never changes afterwards. */
  snapshot(): Snapshot {
    this.#snapshot ??= { head: this.#replica.head, entries: new Map(this.#replica.entries) };
    return this.#snapshot;
  }

  /** Where this instance stands. */
  get head(): Head {
    return this.#replica.head;
  }

  /**
   * Sets a key for the whole fleet. When it resolves, the change is stored and `get` here returns it.
   *
   * @throws InvalidKeyError, InvalidValueError before anything is sent.
   * @throws RevisionConflictError when `ifRevision` does not hold.
   * @throws OutcomeUnknownError when no confirmation came: retry with its `requestId`.
   */
  async set(key: string, value: ValueInput, options: SetOptions = {}): Promise<LoggedCommit> {
    const { ifRevision, ...rest } = options;
    return this.commit([{ key, value, ifRevision }], rest);
  }

  /**
   * Deletes a key for the whole fleet.
   *
   * @throws KeyNotFoundError when there is no such entry.
   */
  async delete(key: string, options: SetOptions = {}): Promise<LoggedCommit> {
    assertKey(key);
    // Somebody may have set it a moment ago, and the news be still on its way.
    if (!this.#replica.values.has(key) && !(await this.#isStored(key))) throw new KeyNotFoundError(key);
    const { ifRevision, ...rest } = options;
    return this.commit([{ key, delete: true, ifRevision }], rest);
  }

  /**
   * Applies sets and deletes as one: every instance sees all of them at once, or none.
   *
   * @throws InvalidChangeSetError when it is empty, over 1,000 changes or 8 MiB, or names a key twice.
   */
  async commit(changes: readonly ChangeInput[], options: ChangeOptions = {}): Promise<LoggedCommit> {
    if (this.#closed) throw new ClosedError('This DynamicConfig');
    const { reason, changedBy = this.#changedBy, notify = true, ifRevision = null, requestId = randomUUID() } = options;
    if (ifRevision !== null) assertRevision(ifRevision);
    const commit = await this.#store.commit(toChanges(changes), {
      requestId,
      changedBy,
      reason: reason ?? null,
      notify,
      ifRevision,
    });
    await this.#watcher.committed(commit);
    return commit;
  }

  /** Commits in order of revision, as far as the store's log still holds them. */
  history(query: HistoryQuery): AsyncIterable<LoggedCommit> {
    return this.#store.history(query);
  }

  /**
   * Calls `callback` whenever the key is set or deleted, by anyone, after the whole change set is visible.
   * Rapid changes may be skipped, the final one never is. A callback that throws disturbs nobody.
   *
   * @returns its undo.
   */
  registerCallback(key: string, callback: ChangeCallback): () => void {
    assertKey(key);
    return this.#callbacks.register(key, callback);
  }

  /**
   * Calls `listener` with every step of this instance, in order and without gaps, synchronously: keep it short.
   *
   * @returns its undo.
   */
  subscribe(listener: (update: Update) => void): () => void {
    this.#subscribers.add(listener);
    return () => void this.#subscribers.delete(listener);
  }

  /** Starts to keep this instance current. Does nothing when it is started already. */
  startWatcher(): void {
    if (this.#closed) throw new ClosedError('This DynamicConfig');
    this.#watcher.start();
  }

  /** Stops it: values stay as they are, and `status().state` is `stale`. */
  async stopWatcher(): Promise<void> {
    await this.#watcher.stop();
  }

  /** True while the watcher is started and was proven to work within `cacheTtl`: a dead one never claims to run. */
  get watcherRunning(): boolean {
    const { state } = this.#watcher;
    return state === 'live' || state === 'polling';
  }

  status(): Status {
    const { epoch, revision } = this.#replica.head;
    const { state, ageMs, lastError } = this.#watcher;
    return {
      state,
      epoch,
      revision,
      ageMs,
      entries: this.#replica.values.size,
      location: this.#store.location,
      lastError,
    };
  }

  /** Stops the watcher and releases everything that `connect` opened. Reads go on from memory. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callbacks.stop();
    this.#subscribers.clear();
    await this.#watcher.stop();
    if (this.#ownsStore) await this.#store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #start(options: ConnectOptions): Promise<void> {
    if (options.startWatcher === false) {
      this.#replica.resync();
      return this.#watcher.refresh();
    }
    this.#watcher.start();
    try {
      await this.#watcher.loaded(options.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS);
    } catch (error) {
      await this.#watcher.stop();
      throw error;
    }
  }

  async #isStored(key: string): Promise<boolean> {
    const { entries } = await this.#store.read([key]);
    return entries.get(key) != null;
  }

  #updated(update: Update): void {
    this.#all = null;
    this.#snapshot = null;
    for (const listener of this.#subscribers) {
      try {
        listener(update);
      } catch (error) {
        this.#logger.error(`A subscriber failed: ${describe(error)}`);
      }
    }
    this.#callbacks.deliver(update.changes);
  }
}

function byKey([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function defaultAuthor(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user id may have no name.
    return `uid-${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}

function toCacheTtlMs(cacheTtl: number): number {
  if (cacheTtl >= 0.1 && cacheTtl <= 3600) return cacheTtl * 1000;
  throw new InvalidOptionError(`cacheTtl is a number of seconds from 0.1 to 3600, not ${cacheTtl}.`);
}
