import { TooManyRequestsError } from './errors.ts';

export interface RateLimitOptions {
  /** What each subject may ask for in a second, on average; twice that at once. */
  readonly perSecond: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Seconds' worth of requests that may come at once. */
const BURST_S = 2;
/** Above so many subjects, those that have been quiet are forgotten. */
const MOST_BUCKETS = 10_000;

/** Keeps one sender from taking the server from all others: a bucket of tokens for each, filled at a steady rate. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** @throws TooManyRequestsError */
  take(subject: string): void {
    const { perSecond, now } = this.#options;
    const atMs = now();
    const bucket = this.#bucketOf(subject, atMs);
    bucket.tokens = Math.min(perSecond * BURST_S, bucket.tokens + ((atMs - bucket.atMs) / 1_000) * perSecond);
    bucket.atMs = atMs;
    if (bucket.tokens < 1) {
      const message = `This API key or user has sent more than ${perSecond} requests a second. Send fewer, or raise MUTT_RATE_LIMIT.`;
      throw new TooManyRequestsError(message, ((1 - bucket.tokens) / perSecond) * 1_000);
    }
    bucket.tokens -= 1;
  }

  #bucketOf(subject: string, atMs: number): Bucket {
    const known = this.#buckets.get(subject);
    if (known !== undefined) return known;
    if (this.#buckets.size >= MOST_BUCKETS) this.#forget(atMs);
    const bucket = { tokens: this.#options.perSecond * BURST_S, atMs };
    this.#buckets.set(subject, bucket);
    return bucket;
  }

  /** A bucket that is full by now is as good as a new one. */
  #forget(atMs: number): void {
    for (const [subject, bucket] of this.#buckets) {
      if (atMs - bucket.atMs >= BURST_S * 1_000) this.#buckets.delete(subject);
    }
  }
}
