import type { Clock } from '../clock.ts';
import { StoreRefusedError, StoreUnavailableError, WrongTypeError } from '../errors.ts';
import type { StoreEvent } from '../store.ts';
import { runAdopt } from './commit-script.ts';
import { Lease } from './lease.ts';
import type { RedisNamespace } from './namespace.ts';
import { scanEntries, scanIndex } from './scan.ts';
import type { RedisSession } from './session.ts';
import { trimLog } from './trim-log.ts';

/** Short, so that what others write is recorded at once; long enough to record a burst of it together. */
const ADOPT_MS = 20;
/** A write that a commit explains may hide another one. */
const VERIFY_MS = 1_000;
const RENEW_MS = 50_000;
/** How often the others look whether the keeper is gone. Spread over a fleet. */
const STANDBY_MS = 120_000;
/** How often everything is compared, though every write is announced: a net below the net. */
const SWEEP_MS = 3_600_000;
/** How often everything is compared by one that is not told of every write. */
const VISIT_MS = 300_000;
/** When the connection for commits was lost, or a reply on it. */
const RETRY_MS = 5_000;
const ADOPT_BATCH = 500;
/** More keys than this are found by looking at all of them. */
const MOST_UNRECORDED = 10_000;

type TimerName = 'adopt' | 'verify' | 'turn';

export interface KeeperOptions {
  readonly namespace: RedisNamespace;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** The connection for all that writes, or takes long: Redis may leave a write waiting, and no read waits with it. */
  readonly commands: () => Promise<RedisSession>;
}

/**
 * One process of a namespace, of all that may write, keeps its bookkeeping: records what others write past us, sees to it
 * that the index holds every key, and trims the log. Every store that watches offers itself; `P@keeper` says whose turn
 * it is.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #lease: Lease;
  /** The connection that writes are announced on, which is what a keeper lives by; null while there is none. */
  #feed: RedisSession | null = null;
  /** It announces every write; otherwise a keeper only visits, see `#visit`. */
  #isToldAll = true;
  #sweptAtMs = 0;
  /** Keys that somebody wrote, and that the index may not hold yet. */
  readonly #unrecorded = new Set<string>();
  /** The same, where a commit accounts for the write: most likely recorded, looked at all the same. */
  readonly #explained = new Set<string>();
  /** The index was compared with all keys, and all that was written since is noted. */
  #isSwept = false;
  /** And the lease says so. */
  #isDeclared = false;
  /** Channels of those who want to know whether the index is complete by now. */
  readonly #asked: string[] = [];
  /** Where the log was trimmed last. */
  #trimmedAt = 0;
  #work: Promise<void> = Promise.resolve();
  readonly #timers = new Map<TimerName, () => void>();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#lease = new Lease(options.namespace, options.commands);
  }

  /** Offers to be the keeper, for as long as a session lasts. `isToldAll`: it tracks. */
  start(feed: RedisSession, { isToldAll }: { readonly isToldAll: boolean }): void {
    this.#feed = feed;
    this.#isToldAll = isToldAll;
    this.#do(() => this.#take(feed));
  }

  /** The session is gone, and with it what was written meanwhile. */
  pause(): void {
    this.#rest();
    this.#lease.forget();
  }

  /** Lets another one take over at once. */
  async stop(): Promise<void> {
    const feed = this.#feed;
    this.#rest();
    await this.#work;
    if (feed?.isOpen) await this.#giveUp(() => this.#lease.forget());
  }

  #rest(): void {
    this.#feed = null;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#explained.clear();
    this.#asked.length = 0;
    this.#forget();
  }

  observe(event: StoreEvent): void {
    if (event.type === 'committed') {
      for (const { key } of event.commit.changes) this.#unrecorded.delete(key);
    } else if (event.type === 'invalidated') {
      if (event.keys === null) this.#overrun();
      else if (event.explained) this.#verifyLater(event.keys);
      else this.#note(event.keys);
    }
  }

  #note(keys: Iterable<string>): void {
    for (const key of keys) this.#unrecorded.add(key);
    if (this.#unrecorded.size > MOST_UNRECORDED) this.#overrun();
    if (this.#lease.isHeld && !this.#timers.has('adopt')) this.#schedule('adopt', ADOPT_MS, () => this.#adopt());
  }

  #verifyLater(keys: readonly string[]): void {
    if (!this.#lease.isHeld) return;
    for (const key of keys) this.#explained.add(key);
    if (this.#timers.has('verify')) return;
    this.#schedule('verify', VERIFY_MS, async () => {
      const explained = [...this.#explained];
      this.#explained.clear();
      this.#note(explained);
    });
  }

  #overrun(): void {
    const isSweepDue = this.#isSwept && this.#isToldAll;
    this.#forget();
    if (isSweepDue && this.#lease.isHeld) this.#do(() => this.#sweep(this.#feed));
  }

  #forget(): void {
    this.#unrecorded.clear();
    this.#isSwept = false;
    this.#isDeclared = false;
  }

  /** Somebody asks whether the index is complete: it will be, when what was written until now is recorded. */
  #onAsked(answers: string): void {
    if (!answers.startsWith(this.#options.namespace.keeperAnswer(''))) return;
    this.#note(this.#explained);
    this.#asked.push(answers);
    // Nobody waits for the first comparison: it may take long.
    this.#do(() => (this.#isDeclared ? this.#adopt() : this.#answer('0')));
  }

  async #take(feed: RedisSession): Promise<void> {
    if (feed !== this.#feed) return;
    const isTaken = await this.#lease.take(feed, (answers) => this.#onAsked(answers));
    if (!this.#isToldAll) return this.#visit(feed, isTaken);
    if (isTaken) return this.#sweep(feed);
    this.#schedule('turn', this.#standbyMs, () => this.#take(feed));
  }

  /**
   * Who is not told of every write never has a complete index. It records what it finds, trims the log, and gives the lease
   * up until the next time: so one who is told of everything can take it meanwhile.
   */
  async #visit(feed: RedisSession, isTaken: boolean): Promise<void> {
    if (isTaken && (await this.#compare(feed)) === 'done') {
      await trimLog(await this.#options.commands(), this.#options.namespace);
      await this.#lease.giveUp();
    }
    this.#schedule('turn', VISIT_MS * (0.75 + Math.random() / 2), () => this.#take(feed));
  }

  /** Compares all keys with the index, from now on knows what is written, and says so. */
  async #sweep(feed: RedisSession | null): Promise<void> {
    const outcome = await this.#compare(feed);
    if (feed === null || outcome === 'interrupted') return;
    if (outcome === 'not the keeper') return this.#take(feed);
    if (!this.#isSwept) return this.#sweep(feed);
    if (!(await this.#lease.declareIndexComplete())) return this.#take(feed);
    this.#isDeclared = true;
    this.#sweptAtMs = this.#options.clock.now();
    await this.#turn(feed);
  }

  /** Compares all keys with the index, and records where they differ. */
  async #compare(feed: RedisSession | null): Promise<'done' | 'interrupted' | 'not the keeper'> {
    const { namespace, clock, commands } = this.#options;
    const session = await commands();
    let renewedAtMs = clock.now();
    // From here on, what is written is noted: all of it, unless that becomes too much once more.
    this.#isSwept = true;
    for (const scan of [scanEntries, scanIndex]) {
      for await (const keys of scan(session, namespace)) {
        if (feed === null || feed !== this.#feed) return 'interrupted';
        await runAdopt(session, namespace, keys);
        await this.#adopt();
        if (clock.now() - renewedAtMs < RENEW_MS) continue;
        if ((await this.#lease.renew()) === null) return 'not the keeper';
        renewedAtMs = clock.now();
      }
    }
    await this.#adopt();
    return feed === null || feed !== this.#feed ? 'interrupted' : 'done';
  }

  /** Records what is not recorded yet, and answers whoever asked before. */
  async #adopt(): Promise<void> {
    const asked = this.#asked.length;
    await this.#adoptNoted();
    if (asked > 0) await this.#answer(this.#isDeclared && this.#lease.isHeld ? '1' : '0', asked);
  }

  /** @param count how many of those who asked first. */
  async #answer(isComplete: '1' | '0', count = this.#asked.length): Promise<void> {
    const session = await this.#options.commands();
    const answers = this.#asked.splice(0, count);
    await Promise.all(answers.map((channel) => session.send(['PUBLISH', channel, isComplete])));
  }

  async #adoptNoted(): Promise<void> {
    const { namespace, commands } = this.#options;
    while (this.#unrecorded.size > 0 && this.#feed !== null && this.#lease.isHeld) {
      const keys = [...this.#unrecorded].slice(0, ADOPT_BATCH);
      // Whoever writes one of them from here on may come too late for this record: that is announced, and noted again.
      for (const key of keys) this.#unrecorded.delete(key);
      try {
        await runAdopt(await commands(), namespace, keys);
      } catch (error) {
        for (const key of keys) this.#unrecorded.add(key);
        throw error;
      }
    }
  }

  async #turn(feed: RedisSession): Promise<void> {
    if (feed !== this.#feed) return;
    const renewed = await this.#lease.renew();
    if (renewed === null) return this.#take(feed);
    if (renewed.revision !== this.#trimmedAt) {
      await trimLog(await this.#options.commands(), this.#options.namespace);
      this.#trimmedAt = renewed.revision;
    }
    const isSweepDue = !renewed.isIndexComplete || this.#options.clock.now() - this.#sweptAtMs >= SWEEP_MS;
    this.#schedule('turn', RENEW_MS, () => (isSweepDue ? this.#sweep(feed) : this.#turn(feed)));
  }

  #schedule(name: TimerName, delayMs: number, task: () => Promise<void>): void {
    this.#timers.get(name)?.();
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(name);
      this.#do(task);
    });
    this.#timers.set(name, cancel);
  }

  /** One task after the other: each leaves the bookkeeping whole. */
  #do(task: () => Promise<void>): void {
    this.#work = this.#work.then(task).catch((error: unknown) => this.#failed(error));
  }

  /** Where even that fails, the lease is no one's as soon as nothing proves us alive: `orElse` sees to it. */
  async #giveUp(orElse: () => Promise<void> | void): Promise<void> {
    try {
      await this.#lease.giveUp();
    } catch {
      await orElse();
    }
  }

  async #failed(error: unknown): Promise<void> {
    const feed = this.#feed;
    // A session that ended is followed by another one, and that by another start.
    if (feed === null || !feed.isOpen) return;
    const wasKeeper = this.#lease.isHeld;
    // Others must not trust an index that is not kept.
    await this.#giveUp(() => this.#lease.fallSilent());
    // Whoever may only read never becomes the keeper: nothing to report.
    if (wasKeeper || error instanceof WrongTypeError)
      this.#options.warn(`What others write is not recorded for now: ${(error as Error).message}`);
    if (!wasKeeper && isNotAllowed(error)) return;
    const isLost = error instanceof StoreUnavailableError;
    this.#schedule('turn', isLost ? RETRY_MS : this.#standbyMs, () => this.#take(feed));
  }

  get #standbyMs(): number {
    return STANDBY_MS * (0.75 + Math.random() / 2);
  }
}

function isNotAllowed(error: unknown): boolean {
  return error instanceof StoreRefusedError && error.cause instanceof Error && error.cause.message.startsWith('NOPERM');
}
