import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Intake, Refusal } from '../intake.ts';

interface EventBufferOptions {
  readonly intake: Pick<Intake, 'takeSome'>;
  readonly onTaken: (events: number) => void;
  readonly logger: Logger;
  /** In UTF-16 units of JSON. */
  readonly capacity?: number;
}

const CAPACITY = 16 * 1024 * 1024;
const BATCH_EVENTS = 500;
const BATCH_SIZE = 1024 * 1024;
const RETRY_MS = 200;

/**
 * Holds events of senders that get no answer until they are in the queue. While a batch is on its way the next one
 * gathers, so batches are as large as they need to be, and nothing waits for a timer.
 */
export class EventBuffer {
  readonly #options: Required<EventBufferOptions>;
  #held: string[] = [];
  #size = 0;
  #lost = 0;
  #sending: Promise<void> | null = null;
  #waiting: (() => void)[] = [];
  readonly #givenUp = new AbortController();
  #refusedFor: Refusal['reason'] | null = null;

  constructor(options: EventBufferOptions) {
    this.#options = { capacity: CAPACITY, ...options };
  }

  get length(): number {
    return this.#held.length;
  }

  /** False: there is no room. */
  add(event: string): boolean {
    if (this.#size >= this.#options.capacity) return false;
    this.#held.push(event);
    this.#size += event.length;
    this.#sending ??= this.#send();
    return true;
  }

  /** Adds it as soon as there is room. */
  async addInTime(event: string): Promise<void> {
    while (!this.add(event)) {
      if (this.#givenUp.signal.aborted) {
        this.#lost++;
        return;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Nothing is sent any more, and nobody kept waiting. */
  giveUp(): void {
    this.#givenUp.abort();
    this.#wake();
  }

  /** Resolves when all are in the queue, or when it is given up, with how many are lost. */
  async drain(): Promise<number> {
    await this.#sending;
    return this.length + this.#lost;
  }

  async #send(): Promise<void> {
    // Whoever adds an event is done before the first batch is made.
    await Promise.resolve();
    while (this.length > 0 && !this.#givenUp.signal.aborted) {
      const { taken, refusal } = await this.#options.intake.takeSome(this.#nextBatch());
      this.#remove(taken);
      this.#report(refusal);
      if (refusal !== null) await this.#pause(refusal);
    }
    // In the same step as the last look, so that no event comes in between.
    this.#sending = null;
  }

  #nextBatch(): readonly string[] {
    let size = 0;
    const end = this.#held.findIndex((event, index) => {
      size += event.length;
      return index === BATCH_EVENTS || (size > BATCH_SIZE && index > 0);
    });
    return this.#held.slice(0, end === -1 ? undefined : end);
  }

  #remove(taken: number): void {
    if (taken === 0) return;
    for (const event of this.#held.splice(0, taken)) this.#size -= event.length;
    this.#options.onTaken(taken);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell();
  }

  /** Once for each time that it gets stuck, however often it tries. */
  #report(refusal: Refusal | null): void {
    const reason = refusal?.reason ?? null;
    if (reason === this.#refusedFor) return;
    this.#refusedFor = reason;
    const cause = refusal !== null && 'cause' in refusal ? refusal.cause : undefined;
    if (reason === null) this.#options.logger.info('syslog goes on');
    else this.#options.logger.warn({ reason, err: cause, waiting: this.length }, 'syslog has to wait');
  }

  async #pause(refusal: Refusal): Promise<void> {
    const ms = refusal.reason === 'rate_limited' ? Math.max(1, refusal.retryAfterMs) : RETRY_MS;
    // Rejects when it is given up, and then there is no reason to wait.
    await wait(ms, undefined, { signal: this.#givenUp.signal }).catch(() => {});
  }
}
