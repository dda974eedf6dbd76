import { hostname, userInfo } from 'node:os';
import { alarmOf } from './alarm.ts';
import { assertKey, toChanges } from './change-set.ts';
import type { ChangeInput, ValueInput } from './change-set.ts';
import type { AppliedChange } from './applied-change.ts';
import type { ChangeStream } from './change-stream.ts';
import { systemClock } from './clock.ts';
import { toCommitOptions } from './commit-options.ts';
import { allOf, ConfigView, sortedKeys } from './config-view.ts';
import { cacheTtlMsOf, startupTimeoutMsOf } from './connect-options.ts';
import type {
  AnyConnectOptions,
  ChangeOptions,
  ConnectOptions,
  SetOptions,
  TypedConnectOptions,
} from './connect-options.ts';
import { ClosedError, InvalidOptionError, KeyNotFoundError } from './errors.ts';
import { safeLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { Notifier } from './notifier.ts';
import type { StateListener } from './notifier.ts';
import { isConfigStore, openStore } from './open-store.ts';
import type { ConnectTarget } from './open-store.ts';
import type { ChangeCallback } from './replica/callbacks.ts';
import { Registrar, registrationOf } from './registrar.ts';
import { Replica } from './replica/replica.ts';
import type { Update } from './replica/replica.ts';
import { SnapshotFile } from './snapshot-file.ts';
import { toSettings } from './settings/declaration.ts';
import type { Settings, ValuesOf } from './settings/declaration.ts';
import type { Setting } from './settings/setting.ts';
import { SettingValues } from './settings/setting-values.ts';
import type { InvalidSetting } from './settings/setting-values.ts';
import { settleLoss } from './settle-loss.ts';
import type { Settler } from './settle-loss.ts';
import type { Status } from './status.ts';
import type {
  Change,
  CommittedChange,
  ConfigStore,
  Entry,
  Head,
  HistoryQuery,
  LoggedCommit,
  Registration,
  Registrations,
} from './store.ts';
import type { ChangeOf, InputOf, KeyOf, StringValues } from './typed-values.ts';
import { UnreadableValues } from './unreadable-values.ts';
import { Watcher } from './watcher.ts';

/** Who settles a loss, and why. */
export type LossOptions = Pick<ChangeOptions, 'reason' | 'changedBy' | 'correlationId'>;

/**
 * A namespace's settings in this process's memory, kept current.
 *
 * @example
 * const config = await DynamicConfig.connect('redis://localhost:6379');
 * const interval = Number(config.get('cache_reload_interval', '300'));
 */
export class DynamicConfig<V extends object = StringValues> implements AsyncDisposable {
  readonly #store: ConfigStore;
  readonly #ownsStore: boolean;
  readonly #replica = new Replica();
  readonly #notifier: Notifier;
  readonly #watcher: Watcher;
  readonly #snapshotFile: SnapshotFile | null;
  /** null: nothing is declared, and values are text. */
  readonly #settings: SettingValues | null;
  readonly #unreadable: UnreadableValues;
  readonly #declared: ReadonlyMap<string, Setting<unknown>>;
  readonly #registrar: Registrar | null;
  /** Who holds what is served. */
  readonly #served: { readonly values: ReadonlyMap<string, unknown> };
  #hasResumed = false;
  #isAlarmed = false;
  readonly #changedBy: string;
  readonly #logger: Logger;
  #all: Readonly<V> | null = null;
  /** Of what is served; kept while only values change. */
  #sortedKeys: readonly string[] | null = null;
  #view: ConfigView<V> | null = null;
  #closed = false;

  private constructor(store: ConfigStore, ownsStore: boolean, options: AnyConnectOptions) {
    this.#store = store;
    this.#ownsStore = ownsStore;
    this.#logger = safeLogger(options.logger ?? console);
    this.#changedBy = options.changedBy ?? defaultAuthor();
    this.#notifier = new Notifier(this.#logger, options);
    this.#declared = toSettings(options.settings ?? {});
    this.#settings =
      options.settings === undefined
        ? null
        : new SettingValues({
            settings: this.#declared,
            validate: options.validate,
            onInvalid: (invalid) => this.#notifier.refused(invalid),
          });
    this.#served = this.#settings ?? this.#replica;
    const isTyped = options.settings !== undefined;
    this.#unreadable = new UnreadableValues({
      isOurs: (key) => !isTyped || this.#declared.has(key),
      // Where nothing is declared, the store's own warning says it.
      onInvalid: (invalid) => (isTyped || options.onInvalid !== undefined) && this.#notifier.refused(invalid),
    });
    const clock = options.clock ?? systemClock;
    this.#registrar =
      options.settings === undefined
        ? null
        : new Registrar({
            store,
            registration: registrationOf(this.#declared, options.service),
            clock,
            random: Math.random,
            logger: this.#logger,
          });
    this.#watcher = new Watcher({
      store,
      replica: this.#replica,
      declared: [...this.#declared.keys()],
      cacheTtlMs: cacheTtlMsOf(options),
      clock,
      random: Math.random,
      onUpdate: (update) => this.#updated(update),
      onState: (state) => this.#notifier.stateChanged(state, this.status()),
    });
    this.#snapshotFile =
      options.snapshotFile === undefined
        ? null
        : new SnapshotFile({
            path: options.snapshotFile,
            location: [store.location, ...(options.prefix === undefined ? [] : [options.prefix])].join(' '),
            clock,
            logger: this.#logger,
            state: () => {
              const { head, entries, loss } = this.#replica;
              // A list is made in a tenth of the time that a map takes: a few milliseconds, of 100,000.
              const lastGood = this.#settings?.lastGood ?? new Map<string, string>();
              return { head, size: entries.size, entries: [...entries], loss, lastGood };
            },
          });
  }

  /**
   * Loads the namespace and starts to keep it current.
   *
   * @param target `redis://`, `rediss://`, `http://`, `https://`; a node-redis client (`createClient`, `createSentinel`,
   * `createCluster`); or a store of your own. A client or store that you pass stays yours: `close` leaves it open.
   * @throws StoreUnavailableError when nothing could be loaded within `startupTimeoutMs`.
   * @throws StoreRefusedError, AccessDeniedError, InvalidOptionError at once: waiting would not help.
   */
  static async connect<const S extends Settings>(
    target: ConnectTarget,
    options: TypedConnectOptions<S>,
  ): Promise<DynamicConfig<ValuesOf<S>>>;
  static async connect(target: ConnectTarget, options?: ConnectOptions): Promise<DynamicConfig>;
  static async connect(target: ConnectTarget, options: AnyConnectOptions = {}): Promise<unknown> {
    const ownsStore = !isConfigStore(target);
    const store = ownsStore ? await openStore(target, options) : target;
    try {
      const config = new DynamicConfig(store, ownsStore, options);
      await config.#start(options);
      return config;
    } catch (error) {
      if (ownsStore) release(store.close());
      throw error;
    }
  }

  /**
   * The value of a key, from memory: text, or what its setting makes of it.
   *
   * @throws KeyNotFoundError when there is no such entry and no default.
   */
  get<K extends KeyOf<V>>(key: K): V[K];
  get<K extends KeyOf<V>, D>(key: K, defaultValue: D): V[K] | D;
  get(key: string, ...defaultValue: [] | [unknown]): unknown {
    const value = this.#served.values.get(key);
    if (value !== undefined) return value;
    if (defaultValue.length === 0) throw new KeyNotFoundError(key);
    return defaultValue[0];
  }

  /**
   * All values by key, sorted, frozen, of one revision; without a prototype, so that any key is safe. With settings: of
   * those that have a value.
   */
  getAll(): Readonly<V> {
    this.#sortedKeys ??= sortedKeys(this.#served.values);
    this.#all ??= allOf<V>(this.#served.values, this.#sortedKeys);
    return this.#all;
  }

  /** A key's value as it is stored, with its revision, time and author. */
  entry(key: string): Entry | undefined {
    return this.#replica.entries.get(key);
  }

  /** All entries at one revision; never changes afterwards. */
  snapshot(): ConfigView<V> {
    this.#view ??= new ConfigView<V>(this.#replica.head, this.#replica.entries, this.#served.values);
    return this.#view;
  }

  /** The settings given to `connect`, by key. */
  get settings(): ReadonlyMap<string, Setting<unknown>> {
    return this.#declared;
  }

  /** Where this instance stands. */
  get head(): Head {
    return this.#replica.head;
  }

  /**
   * Sets a key for the whole fleet. When it resolves, the change is stored and `get` here returns it.
   *
   * @throws InvalidKeyError, InvalidValueError before anything is sent.
   * @throws InvalidChangeSetError when it does not go with the other settings (`validate`); nothing was sent.
   * @throws RevisionConflictError when `ifRevision` does not hold.
   * @throws OutcomeUnknownError when no confirmation came: retry with its `requestId`.
   */
  async set<K extends KeyOf<V>>(key: K, value: InputOf<V, K>, options: SetOptions = {}): Promise<LoggedCommit> {
    const { ifRevision, ...rest } = options ?? {};
    return this.#commit(this.#asTexts([{ key, value: value as ValueInput, ifRevision }]), rest);
  }

  /**
   * Deletes a key for the whole fleet.
   *
   * @throws KeyNotFoundError when there is no such entry.
   */
  async delete(key: KeyOf<V>, options: SetOptions = {}): Promise<LoggedCommit> {
    assertKey(key);
    // Somebody may have set it a moment ago, and the news be still on its way.
    if (!this.#replica.values.has(key) && !(await this.#isStored(key))) throw new KeyNotFoundError(key);
    const { ifRevision, ...rest } = options ?? {};
    return this.#commit(this.#asTexts([{ key, delete: true, ifRevision }]), rest);
  }

  /**
   * Applies sets and deletes as one: every instance sees all of them at once, or none.
   *
   * @throws InvalidChangeSetError when it is empty, over 1,000 changes or 8 MiB (12 MiB as JSON), names a key twice, or
   * leaves settings that do not go together (`validate`).
   * @throws InvalidOptionError when `requestId` was already used, for other changes: those stay as they are.
   */
  async commit(changes: readonly ChangeOf<V>[], options: ChangeOptions = {}): Promise<LoggedCommit> {
    return this.#commit(this.#asTexts(changes as readonly ChangeInput[]), options);
  }

  #asTexts(changes: readonly ChangeInput[]): readonly ChangeInput[] {
    return this.#settings?.toTexts(changes) ?? changes;
  }

  async #commit(changes: readonly ChangeInput[], options: ChangeOptions): Promise<LoggedCommit> {
    if (this.#closed) throw new ClosedError('This DynamicConfig');
    const asked = toChanges(changes);
    const commit = await this.#store.commit(asked, toCommitOptions(options, this.#changedBy));
    assertSameRequest(asked, commit);
    await this.#watcher.committed(commit);
    return commit;
  }

  /** Commits in order of revision, as far as the store's log still holds them. */
  history(query: HistoryQuery): AsyncIterable<LoggedCommit> {
    return this.#store.history(query);
  }

  /**
   * Calls `callback` whenever the key is set or deleted, by anyone, after the whole change set is visible.
   * Rapid changes may be skipped, the final one never is. A callback that throws, or hangs, disturbs nobody.
   *
   * @param pattern a key, or the beginning of keys and a `*`: `alerter_*`, or `*` for all.
   * @returns its undo.
   * @throws InvalidKeyError
   */
  registerCallback<K extends KeyOf<V>>(key: K, callback: ChangeCallback<V[K]>): () => void;
  registerCallback(pattern: `${string}*`, callback: ChangeCallback<V[KeyOf<V>]>): () => void;
  registerCallback(pattern: string, callback: ChangeCallback<never>): () => void {
    return this.#notifier.registerCallback(pattern, callback as ChangeCallback<unknown>);
  }

  /**
   * Every change from now on, in order; ends when this instance is closed.
   *
   * A reader that falls behind by more than 10,000 changes is given only the latest of each key, until it has caught up.
   *
   * @throws ConfigError `changes_lost`, while iterating, when it falls behind by more than 10,000 keys.
   * @example
   * for await (const { key, value } of config.changes()) console.log(`${key} = ${value}`);
   */
  changes(): ChangeStream<V[KeyOf<V>]> {
    if (this.#closed) throw new ClosedError('This DynamicConfig');
    return this.#notifier.changes() as ChangeStream<V[KeyOf<V>]>;
  }

  /**
   * Calls `listener` whenever `status().state` changes, or an alarm is raised or settled.
   *
   * @returns its undo.
   */
  onStateChange(listener: StateListener): () => void {
    return this.#notifier.onStateChange(listener);
  }

  /**
   * Puts back what an emptied store lost and this instance still holds (`status().alarm`), for the whole fleet: one
   * change set, or as many as its limits ask for. What somebody has set since is left alone.
   */
  async restore(options: LossOptions = {}): Promise<readonly LoggedCommit[]> {
    const reason = 'Restored after the store was emptied';
    return settleLoss(this.#settler, this.#replica.loss, 'restore', { reason, ...options });
  }

  /** Gives up what an emptied store lost: deletes it, for the whole fleet. */
  async acceptLoss(options: LossOptions = {}): Promise<readonly LoggedCommit[]> {
    const reason = 'Given up after the store was emptied';
    return settleLoss(this.#settler, this.#replica.loss, 'delete', { reason, ...options });
  }

  /**
   * Calls `listener` with every step of this instance, in order and without gaps, synchronously: keep it short.
   *
   * @returns its undo.
   */
  subscribe(listener: (update: Update) => void): () => void {
    return this.#notifier.subscribe(listener);
  }

  /** What the services of the namespace declare of their settings. */
  async registrations(): Promise<Registrations> {
    return this.#store.registrations();
  }

  /** Declares settings on behalf of a service that does not use this library. To be repeated while it runs. */
  async register(registration: Registration): Promise<void> {
    return this.#store.register(registration);
  }

  /**
   * Loads what is stored now, whether or not the watcher runs.
   *
   * @throws StoreUnavailableError
   */
  async refresh(): Promise<void> {
    if (this.#closed) throw new ClosedError('This DynamicConfig');
    this.#replica.resync();
    await this.#watcher.refresh();
  }

  /**
   * Asks the store whether this instance is current, and resolves once it is as the store was at some moment after the
   * call. For whoever answers others on the strength of it. The watcher has to run.
   *
   * @throws StoreUnavailableError
   */
  async prove(): Promise<void> {
    if (this.#closed) throw new ClosedError('This DynamicConfig');
    await this.#watcher.prove();
  }

  /** Starts to keep this instance current. Does nothing when it is started already. */
  startWatcher(): void {
    if (this.#closed) throw new ClosedError('This DynamicConfig');
    this.#watcher.start();
    this.#registrar?.start();
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
    const { loss } = this.#replica;
    const { state, mode, ageMs, lastError } = this.#watcher;
    return {
      state,
      mode,
      epoch,
      revision,
      ageMs,
      entries: this.#replica.values.size,
      source: ageMs < Infinity ? 'store' : this.#hasResumed ? 'file' : 'none',
      location: this.#store.location,
      lastError,
      alarm: loss === null ? null : alarmOf(loss),
      invalid: this.#invalid,
      rejections: this.#unreadable.rejections + (this.#settings?.rejections ?? 0),
    };
  }

  get #invalid(): readonly InvalidSetting[] {
    const { unreadable } = this.#replica;
    const refused = (this.#settings?.invalid ?? []).filter(({ key }) => !unreadable.has(key));
    return [...refused, ...this.#unreadable.invalid];
  }

  /** Stops the watcher and releases everything that `connect` opened. Reads go on from memory. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#notifier.stop();
    await this.#registrar?.stop();
    await this.#watcher.stop();
    await this.#snapshotFile?.close();
    if (this.#ownsStore) await this.#store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #start(options: ConnectOptions): Promise<void> {
    const timeoutMs = startupTimeoutMsOf(options);
    const saved = await this.#snapshotFile?.read();
    if (saved != null) {
      this.#replica.resume(saved);
      this.#settings?.resume(changesOf(saved.entries), saved.lastGood);
      this.#hasResumed = true;
    }
    try {
      if (options.startWatcher === false) {
        this.#replica.resync();
        return await this.#watcher.loaded(timeoutMs);
      }
      this.#watcher.start();
      await this.#watcher.loaded(timeoutMs);
      this.#registrar?.start();
    } catch (error) {
      if (saved != null && !(error instanceof InvalidOptionError)) {
        this.#registrar?.start();
        return this.#logger.warn(
          `Started without the store, from ${options.snapshotFile} (revision ${saved.head.revision}, ${saved.entries.size} entries): ${(error as Error).message}`,
        );
      }
      release(this.#watcher.stop());
      throw error;
    }
  }

  async #isStored(key: string): Promise<boolean> {
    const { entries } = await this.#store.read([key]);
    return entries.get(key) != null;
  }

  #updated(update: Update): void {
    const isChangeSet = update.commit?.source === 'commit';
    const changes = this.#settings?.apply(update.changes, isChangeSet) ?? update.changes;
    this.#unreadable.update(this.#replica.unreadable);
    // What listeners read from here on is as of this step.
    this.#all = null;
    if (changes.some(({ value, previousValue }) => value === null || previousValue === null)) this.#sortedKeys = null;
    this.#view = null;
    this.#snapshotFile?.changed();
    this.#watchAlarm();
    this.#notifier.updated(update, changes);
  }

  get #settler(): Settler {
    return {
      get: (key) => this.#replica.values.get(key) ?? null,
      commit: (changes, options) => this.#commit(changes, options),
    };
  }

  #watchAlarm(): void {
    const { loss } = this.#replica;
    if ((loss === null) === !this.#isAlarmed) return;
    this.#isAlarmed = loss !== null;
    if (loss !== null) this.#logger.error(alarmOf(loss).message);
    this.#notifier.stateChanged(this.#watcher.state, this.status());
  }
}

/** Whoever is told that it failed does not wait for what is under way: that may take as long again. */
function release(closing: Promise<void>): void {
  closing.catch(() => {});
}

function changesOf(entries: ReadonlyMap<string, Entry>): AppliedChange[] {
  return [...entries].map(([key, { value, revision, changedAtMs, changedBy }]) => {
    const source = changedAtMs === null ? 'out-of-band' : 'commit';
    return { key, value, previousValue: null, revision, changedAtMs, changedBy, reason: null, source };
  });
}

/** @throws InvalidOptionError when the request id stands for other changes. */
function assertSameRequest(asked: readonly Change[], commit: LoggedCommit): void {
  const { changes, withheld = 0, rewritten = [], requestId } = commit;
  const values = new Map(asked.map(({ key, value }) => [key, value]));
  const isAsked = ({ key, value }: CommittedChange): boolean =>
    values.get(key) === value || (rewritten.includes(key) && typeof values.get(key) === 'string');
  const isSame = changes.length + withheld === asked.length && changes.every(isAsked);
  if (isSame) return;
  throw new InvalidOptionError(
    `The requestId ${requestId} was already used, for other changes: nothing was written. Take a new one for each change set.`,
  );
}

function defaultAuthor(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container's user id may have no name.
    return `uid-${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
