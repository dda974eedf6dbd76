import { TooManyRequestsError } from '../errors.ts';
import type { WallClock } from '../wall-clock.ts';

export interface FailureLimitOptions {
  /** So many failures in a row are free. */
  readonly free: number;
  /** After them, one more is allowed every so often. */
  readonly everyMs: number;
  /** So many subjects are remembered; of more, those whose last attempt is the oldest are forgotten. */
  readonly mostSubjects: number;
}

/** What a subject may still do: `tokens`, as of `atMs`. */
interface Allowance {
  readonly tokens: number;
  readonly atMs: number;
}

/** Limits how often each of many subjects (an address, a user name) may fail. */
export class FailureLimit {
  readonly #options: FailureLimitOptions;
  readonly #clock: Pick<WallClock, 'now'>;
  /** In the order of their last attempts. */
  readonly #allowances = new Map<string, Allowance>();

  constructor(options: FailureLimitOptions, clock: Pick<WallClock, 'now'>) {
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * Counts an attempt as failed, before it is known how it ends: attempts at the same time count, too.
   *
   * @returns takes that back, for one that succeeded.
   * @throws TooManyRequestsError
   */
  attempt(subject: string): () => void {
    const tokens = this.#tokensOf(subject);
    if (tokens < 1) {
      const waitMs = (1 - tokens) * this.#options.everyMs;
      throw new TooManyRequestsError(
        `Too many failed attempts. Try again in ${Math.max(1, Math.ceil(waitMs / 1_000))} s.`,
        waitMs,
      );
    }
    this.#set(subject, tokens - 1);
    return () => this.#set(subject, this.#tokensOf(subject) + 1);
  }

  #tokensOf(subject: string): number {
    const { free, everyMs } = this.#options;
    const known = this.#allowances.get(subject);
    if (known === undefined) return free;
    // A clock that was set back takes nothing away.
    const passedMs = Math.max(0, this.#clock.now() - known.atMs);
    return Math.min(free, known.tokens + passedMs / everyMs);
  }

  #set(subject: string, tokens: number): void {
    this.#allowances.delete(subject);
    if (tokens >= this.#options.free) return;
    this.#allowances.set(subject, { tokens, atMs: this.#clock.now() });
    if (this.#allowances.size <= this.#options.mostSubjects) return;
    const [oldest] = this.#allowances.keys();
    if (oldest !== undefined) this.#allowances.delete(oldest);
  }
}
