import { systemClock } from '../clock.ts';
import { StoreRefusedError } from '../errors.ts';
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
const ADOPT_BATCH = 500;
/** More keys than this are found by looking at all of them. */
const MOST_UNRECORDED = 10_000;

type TimerName = 'adopt' | 'verify' | 'turn';

/**
 * One process of a namespace, of all that may write, keeps its bookkeeping: records what others write past us, sees to it
 * that the index holds every key, and trims the log. Every store that watches offers itself; `P@keeper` says whose turn
 * it is.
 */
export class Keeper {
  readonly #namespace: RedisNamespace;
  readonly #warn: (message: string) => void;
  readonly #lease: Lease;
  #session: RedisSession | null = null;
  /** Keys that somebody wrote, and that the index may not hold yet. */
  readonly #unrecorded = new Set<string>();
  #beingRecorded: readonly string[] = [];
  /** The same, where a commit accounts for the write: most likely recorded, looked at all the same. */
  readonly #explained = new Set<string>();
  /** More was written than is remembered one by one: whoever has to know must look at all keys. */
  #isOverrun = false;
  #commits = 0;
  #work: Promise<void> = Promise.resolve();
  readonly #timers = new Map<TimerName, () => void>();

  constructor(namespace: RedisNamespace, warn: (message: string) => void) {
    this.#namespace = namespace;
    this.#warn = warn;
    this.#lease = new Lease(namespace);
  }

  /** Keys to look at beyond those of the index; null: all of them. */
  get unrecorded(): ReadonlySet<string> | null {
    return this.#isOverrun ? null : new Set([...this.#unrecorded, ...this.#beingRecorded]);
  }

  /** Offers to be the keeper, on a session that tracks, for as long as that lasts. */
  start(session: RedisSession): void {
    this.#session = session;
    this.#do(() => this.#take(session));
  }

  /** The session is gone, and with it what was written meanwhile. */
  pause(): void {
    this.#session = null;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#explained.clear();
    this.#forget();
  }

  /** Lets another one take over at once. */
  async stop(): Promise<void> {
    const session = this.#session;
    this.pause();
    await this.#work;
    if (session?.isOpen) await this.#giveUp(session);
  }

  observe(event: StoreEvent): void {
    if (event.type === 'committed') {
      this.#commits += 1;
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
    this.#forget();
    this.#isOverrun = true;
    if (this.#lease.isHeld) this.#do(() => this.#sweep());
  }

  #forget(): void {
    this.#unrecorded.clear();
    this.#isOverrun = false;
  }

  async #take(session: RedisSession): Promise<void> {
    if (await this.#lease.take(session)) return this.#sweep();
    this.#schedule('turn', STANDBY_MS * (0.75 + Math.random() / 2), () => this.#take(session));
  }

  /** Compares all keys with the index, and records where they differ. */
  async #sweep(): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    this.#isOverrun = false;
    for await (const keys of scanEntries(session, this.#namespace)) await runAdopt(session, this.#namespace, keys);
    for await (const keys of scanIndex(session, this.#namespace)) await runAdopt(session, this.#namespace, keys);
    await this.#adopt();
    await this.#lease.declareIndexComplete(session);
    await this.#turn();
  }

  /** Records what is not recorded yet. */
  async #adopt(): Promise<void> {
    while (this.#unrecorded.size > 0 && this.#session !== null && this.#lease.isHeld) {
      const keys = [...this.#unrecorded].slice(0, ADOPT_BATCH);
      // Whoever writes one of them from here on may come too late for this record, and is told of before its reply is.
      for (const key of keys) this.#unrecorded.delete(key);
      this.#beingRecorded = keys;
      try {
        await runAdopt(this.#session, this.#namespace, keys);
      } catch (error) {
        for (const key of keys) this.#unrecorded.add(key);
        throw error;
      } finally {
        this.#beingRecorded = [];
      }
    }
  }

  async #turn(): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    if (!(await this.#lease.renew(session))) return this.#take(session);
    if (this.#commits > 0) {
      this.#commits = 0;
      await trimLog(session, this.#namespace);
    }
    this.#schedule('turn', RENEW_MS, () => this.#turn());
  }

  #schedule(name: TimerName, delayMs: number, task: () => Promise<void>): void {
    this.#timers.get(name)?.();
    const cancel = systemClock.after(delayMs, () => {
      this.#timers.delete(name);
      this.#do(task);
    });
    this.#timers.set(name, cancel);
  }

  /** One task after the other: each leaves the bookkeeping whole. */
  #do(task: () => Promise<void>): void {
    this.#work = this.#work.then(task).catch((error: unknown) => this.#failed(error));
  }

  /** Where even that fails, the lease is lost with the session, or expires. */
  async #giveUp(session: RedisSession): Promise<void> {
    try {
      await this.#lease.giveUp(session);
    } catch {
      this.#lease.forget();
    }
  }

  async #failed(error: unknown): Promise<void> {
    const session = this.#session;
    // A session that ended is followed by another one, and that by another start.
    if (session === null || !session.isOpen) return;
    const wasKeeper = this.#lease.isHeld;
    // Others must not trust an index that is not kept.
    await this.#giveUp(session);
    // Whoever may only read never becomes the keeper: nothing to report.
    if (wasKeeper) this.#warn(`What others write is not recorded for now: ${(error as Error).message}`);
    if (wasKeeper || !(error instanceof StoreRefusedError)) {
      this.#schedule('turn', STANDBY_MS * (0.75 + Math.random() / 2), () => this.#take(session));
    }
  }
}
