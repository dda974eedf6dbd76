import type { Clock } from './clock.ts';
import { StoreUnavailableError } from './errors.ts';
import type { Replica, ReplicaRequest, Update } from './replica/replica.ts';
import type { State } from './status.ts';
import type { Commit, ConfigStore, LoggedCommit, StoreEvent, Unwatch } from './store.ts';

/** A check is made so long before the staleness bound, or a quarter of it: a healthy instance never crosses it. */
const CHECK_AHEAD_MS = 250;
/** Every write is announced, and SWAPDB changes the head: comparing everything, once in a while, is a net below the net. */
const RECONCILE_MS = 180_000;
/** How long a failed request waits while the connection is up (the store refuses, or is loading). */
const RETRY_MS = { first: 100, most: 2_000 };
/** When keys that an announced commit explains are looked at all the same. Spread, so that a fleet doesn't ask at once. */
const VERIFY_MS = { least: 200, most: 1_000 };
/** How long after a question for a proof the next one is asked at the earliest, for all who want it by then. */
const PROVE_MS = 100;

export interface WatcherOptions {
  readonly store: ConfigStore;
  readonly replica: Replica;
  /** Keys to look at in each load, whether or not they are known to exist. */
  readonly declared?: readonly string[];
  /** The staleness bound, in milliseconds. */
  readonly cacheTtlMs: number;
  readonly clock: Clock;
  /** 0 to 1; spreads timers. */
  readonly random: () => number;
  /** Called after each step of the replica, when all of it is visible. */
  readonly onUpdate: (update: Update) => void;
  /** Called when `state` has become another one. */
  readonly onState: (state: State) => void;
}

type Link = 'down' | 'polling' | 'pushing';
type TimerName = 'check' | 'reconcile' | 'verify' | 'retry' | 'stale';

/** Keeps a replica current: carries the store's events to it, and its requests to the store. */
export class Watcher {
  readonly #options: WatcherOptions;
  #unwatch: Unwatch | null = null;
  #link: Link = 'down';
  /** False from a (re)connect until everything was loaded that may have been missed. */
  #isSynced = false;
  /** The last request of the replica failed, so it may lack what was asked for. */
  #isFailing = false;
  #lastState: State = 'stale';
  /** When the store was last known to be as the replica says, by `clock.now()`; null: never. */
  #provenAtMs: number | null = null;
  #lastError: Error | null = null;
  #waiting: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #draining: Promise<Error | null> | null = null;
  readonly #awaited = new Set<{ readonly commit: Commit; readonly resolve: () => void }>();
  readonly #refreshing = new Set<{ isBegun: boolean; readonly resolve: () => void }>();
  /** Called at the next proof. */
  readonly #provers = new Set<() => void>();
  /** The proof that is being made, and the one after it: for whoever asks meanwhile. */
  #proof: Promise<void> | null = null;
  #nextProof: Promise<void> | null = null;
  #askedForProofAtMs = -Infinity;
  /** The head was as it is here, while some keys were in doubt: it is a proof once these are settled. */
  #unproven: { readonly atMs: number; readonly doubted: number } | null = null;
  #retryDelayMs = RETRY_MS.first;
  readonly #verify = new Set<string>();
  readonly #timers = new Map<TimerName, () => void>();

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  get started(): boolean {
    return this.#unwatch !== null;
  }

  get state(): State {
    if (!this.started) return 'stale';
    if (this.#link === 'down') return 'offline';
    if (!this.#isSynced || this.ageMs > this.#options.cacheTtlMs) return 'stale';
    return this.#link === 'pushing' ? 'live' : 'polling';
  }

  get mode(): 'tracking' | 'polling' | null {
    if (this.#link === 'down') return null;
    return this.#link === 'pushing' ? 'tracking' : 'polling';
  }

  get lastError(): Error | null {
    return this.#lastError;
  }

  /** Milliseconds since the replica was last proven to be as the store is; Infinity before the first load. */
  get ageMs(): number {
    return this.#provenAtMs === null ? Infinity : this.#options.clock.now() - this.#provenAtMs;
  }

  /**
   * Resolves after the first load. Without a watch it is asked for here, again and again.
   *
   * @throws StoreUnavailableError when there was none within `timeoutMs`; at once, whatever error waiting cannot mend.
   */
  async loaded(timeoutMs: number): Promise<void> {
    if (this.#provenAtMs !== null) return;
    const { store, clock } = this.#options;
    let cancel = (): void => {};
    const loaded = new Promise<void>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const giveUp = (): void => {
        const cause = this.#lastError;
        const why = cause === null ? '' : ` The last failure: ${cause.message}`;
        const message = `Nothing could be loaded from ${store.location} within ${timeoutMs} ms.${why}`;
        reject(new StoreUnavailableError(message, { cause }));
      };
      // Between two attempts nothing else keeps a process alive that awaits this at its top level.
      cancel = clock.after(timeoutMs, giveUp, { holdsProcess: true });
    });
    this.#pump();
    try {
      await loaded;
    } finally {
      cancel();
      this.#waiting = null;
    }
  }

  start(): void {
    if (this.#unwatch !== null) return;
    this.#unwatch = this.#options.store.watch((event) => this.#handle(event));
    this.#noteState();
  }

  async stop(): Promise<void> {
    const unwatch = this.#unwatch;
    this.#unwatch = null;
    this.#link = 'down';
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#noteState();
    await unwatch?.();
    await this.#draining;
  }

  /** Resolves when a load is done that began after the call; the replica has been told that it needs one. Rejects with the first failure. */
  async refresh(): Promise<void> {
    // Others may write all the time, so that the replica always asks for something.
    const loading = { isBegun: false, resolve: (): void => {} };
    const isLoaded = new Promise<null>((resolve) => (loading.resolve = () => resolve(null)));
    this.#refreshing.add(loading);
    const error = await Promise.race([this.#drain(), isLoaded]);
    this.#refreshing.delete(loading);
    if (error !== null) throw error;
  }

  /** Resolves when the replica is as the store was at some moment after the call. Rejects with the first failure. */
  async prove(): Promise<void> {
    // The question under way was asked before this call; the next one is for all who call until then.
    this.#nextProof ??= this.#proveNext();
    return this.#nextProof;
  }

  async #proveNext(): Promise<void> {
    const { clock } = this.#options;
    await this.#proof?.catch(() => {});
    const waitMs = this.#askedForProofAtMs + PROVE_MS - clock.now();
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve, { holdsProcess: true }));
    this.#proof = this.#nextProof;
    this.#nextProof = null;
    await this.#proveNow();
  }

  async #proveNow(): Promise<void> {
    const askedAtMs = this.#options.clock.now();
    this.#askedForProofAtMs = askedAtMs;
    for (;;) {
      const isThere = await this.#look();
      // Where the store announces no writes, this is as much as can be told without loading everything.
      if (isThere && this.#link === 'polling' && this.#isSynced) return;
      if (this.#provenAtMs !== null && this.#provenAtMs >= askedAtMs) return;
      // Others may write all the time, so that there is always more to fetch.
      let proven = (): void => {};
      const isProven = new Promise<null>((resolve) => (proven = () => resolve(null)));
      this.#provers.add(proven);
      const error = await Promise.race([this.#drain(), isProven]);
      this.#provers.delete(proven);
      if (error !== null) throw error;
    }
  }

  /** A commit of this instance was confirmed: makes it visible here before its caller goes on, where the store allows. */
  async committed(commit: Commit): Promise<void> {
    const { replica } = this.#options;
    this.#apply(replica.committed(commit));
    if (this.#isAt(commit) || (this.started && this.#link === 'down')) return;
    // Others may write all the time, so that there is always more to fetch: only this much is waited for.
    const awaited = { commit, resolve: (): void => {} };
    const isReached = new Promise<void>((resolve) => (awaited.resolve = resolve));
    this.#awaited.add(awaited);
    await Promise.race([this.#drain(), isReached]);
    this.#awaited.delete(awaited);
  }

  #isAt({ epoch, revision }: Commit): boolean {
    const { head } = this.#options.replica;
    return head.epoch === epoch && head.revision >= revision;
  }

  /** The replica made a step, or was found to be current. */
  #stepped(): void {
    for (const one of this.#awaited) if (this.#isAt(one.commit)) one.resolve();
    if (this.#unproven !== null && this.#options.replica.settled >= this.#unproven.doubted) {
      this.#proven(this.#unproven.atMs);
    }
  }

  #handle(event: StoreEvent): void {
    const { replica } = this.#options;
    switch (event.type) {
      case 'connected':
        this.#link = event.pushesWrites ? 'pushing' : 'polling';
        this.#isSynced = false;
        this.#unproven = null;
        this.#noteState();
        this.#cancel('retry');
        this.#retryDelayMs = RETRY_MS.first;
        replica.connected();
        this.#schedule('check', this.#checkDelayMs, () => void this.#check());
        this.#schedule('reconcile', RECONCILE_MS * (0.75 + this.#options.random() / 2), () => this.#reconcile());
        break;
      case 'disconnected':
        this.#link = 'down';
        this.#unproven = null;
        this.#fail(event.error);
        this.#noteState();
        return;
      case 'committed':
        this.#apply(replica.committed(event.commit));
        break;
      case 'observed':
        this.#apply(replica.observed(event.reading));
        break;
      case 'invalidated':
        if (event.keys === null) replica.resync();
        else if (event.explained) this.#verifyLater(event.keys);
        else replica.invalidate(event.keys);
        break;
    }
    this.#pump();
  }

  #apply(update: Update | null): void {
    if (update === null) return;
    this.#options.onUpdate(update);
    this.#stepped();
  }

  #fail(error: Error): void {
    this.#lastError = error;
    if (!(error instanceof StoreUnavailableError)) this.#waiting?.reject(error);
  }

  #verifyLater(keys: readonly string[]): void {
    for (const key of keys) this.#verify.add(key);
    if (this.#timers.has('verify')) return;
    const delayMs = VERIFY_MS.least + this.#options.random() * (VERIFY_MS.most - VERIFY_MS.least);
    this.#schedule('verify', delayMs, () => {
      this.#options.replica.invalidate(this.#verify);
      this.#verify.clear();
      this.#pump();
    });
  }

  /** Without a watch, whoever waits for the first load has it asked for. */
  get #mayAsk(): boolean {
    return this.started ? this.#link !== 'down' : this.#waiting !== null;
  }

  #pump(): void {
    if (!this.#mayAsk || this.#timers.has('retry') || this.#options.replica.request === null) return;
    void this.#drain();
  }

  /** One request at a time until the replica asks for nothing; resolves to the failure that ended it, or null. */
  #drain(): Promise<Error | null> {
    this.#draining ??= this.#fetchAll().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #fetchAll(): Promise<Error | null> {
    const { replica } = this.#options;
    try {
      for (let request = replica.request; request !== null; request = replica.request) {
        await this.#fetch(request);
        this.#stepped();
        this.#retryDelayMs = RETRY_MS.first;
        this.#isFailing = false;
      }
      return null;
    } catch (error) {
      this.#isFailing = true;
      this.#fail(error as Error);
      if (this.#mayAsk) this.#retryLater();
      return error as Error;
    }
  }

  #retryLater(): void {
    this.#schedule('retry', this.#retryDelayMs * (0.5 + this.#options.random() / 2), () => this.#pump());
    this.#retryDelayMs = Math.min(this.#retryDelayMs * 2, RETRY_MS.most);
  }

  async #fetch(request: ReplicaRequest): Promise<void> {
    const { replica, store, clock, declared = [] } = this.#options;
    const startedAtMs = clock.now();
    replica.begin(request);
    try {
      if (request.type === 'load') {
        for (const loading of this.#refreshing) loading.isBegun = true;
        this.#apply(await inSlices(replica.snapshotSlices(await store.load([...replica.entries.keys(), ...declared]))));
        this.#proven(startedAtMs);
        for (const { isBegun, resolve } of this.#refreshing) if (isBegun) resolve();
      } else if (request.type === 'read') {
        this.#apply(replica.readingArrived(await store.read(request.keys)));
      } else {
        const commits: LoggedCommit[] = [];
        for await (const commit of store.history({ afterRevision: request.afterRevision })) {
          if (commits.push(commit) === request.limit) break;
        }
        replica.historyArrived(commits, this.#options.onUpdate);
        if (replica.request === null) this.#proven(startedAtMs);
      }
    } catch (error) {
      replica.failed(request);
      throw error;
    }
  }

  get #checkDelayMs(): number {
    const { cacheTtlMs } = this.#options;
    return cacheTtlMs - Math.min(CHECK_AHEAD_MS, cacheTtlMs / 4);
  }

  async #check(): Promise<void> {
    const { replica } = this.#options;
    this.#schedule('check', this.#checkDelayMs, () => void this.#check());
    // Another connection may still answer, and proves nothing.
    if (this.#link === 'down') return;
    if (this.#link === 'polling') {
      replica.resync();
      return this.#pump();
    }
    await this.#look().catch((error: unknown) => this.#fail(error as Error));
  }

  /** Asks where the store stands. True: the replica is there, too. */
  async #look(): Promise<boolean> {
    const { replica, store, clock } = this.#options;
    // Another connection may still answer, and proves nothing.
    if (this.#link === 'down') throw this.#lastError ?? new StoreUnavailableError('The watcher does not run.');
    const startedAtMs = clock.now();
    const begunAt = replica.head;
    const isThere = replica.headArrived(await store.head(), begunAt);
    // The head says nothing of what was missed while disconnected, or of keys that could not be read.
    if (isThere && this.#link === 'pushing' && this.#isSynced && !this.#isFailing) this.#provenWhenSettled(startedAtMs);
    this.#pump();
    return isThere;
  }

  #reconcile(): void {
    this.#schedule('reconcile', RECONCILE_MS * (0.75 + this.#options.random() / 2), () => this.#reconcile());
    this.#options.replica.resync();
    this.#pump();
  }

  #provenWhenSettled(atMs: number): void {
    const { doubted, settled } = this.#options.replica;
    if (settled >= doubted) this.#proven(atMs);
    else this.#unproven ??= { atMs, doubted };
  }

  #proven(atMs: number): void {
    this.#unproven = null;
    this.#provenAtMs = atMs;
    this.#lastError = null;
    this.#waiting?.resolve();
    for (const resolve of this.#provers) resolve();
    this.#provers.clear();
    if (!this.started) return;
    if (!this.#options.replica.mustLoad) this.#isSynced = true;
    this.#noteState();
    this.#schedule('stale', this.#options.cacheTtlMs - this.ageMs + 1, () => this.#noteState());
  }

  #noteState(): void {
    const { state } = this;
    if (state === this.#lastState) return;
    this.#lastState = state;
    this.#options.onState(state);
  }

  #cancel(name: TimerName): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  #schedule(name: TimerName, delayMs: number, task: () => void): void {
    this.#cancel(name);
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(name);
      task();
    });
    this.#timers.set(name, cancel);
  }
}

/** Runs a task slice by slice, with whatever else the process has to do in between. */
async function inSlices<T>(task: Generator<undefined, T>): Promise<T> {
  for (;;) {
    const { done, value } = task.next();
    if (done) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
