import { ClientClosedError, ClientOfflineError, ErrorReply } from '@redis/client';
import type { DynamicConfig, ValuesOf } from '@mutt/dynamic-config';
import { offer } from '../pipeline/offer.ts';
import { QUEUES } from '../pipeline/queues.ts';
import { takePermits } from '../pipeline/rate-limit.ts';
import type { Redis } from '../pipeline/redis.ts';
import type { settings } from './settings.ts';

/** Why events were not taken; `outcome_unknown`: they may have been. */
export type Refusal =
  | { readonly reason: 'rate_limited'; readonly limit: number; readonly retryAfterMs: number }
  | { readonly reason: 'queue_full'; readonly limit: number; readonly length: number }
  | { readonly reason: 'redis_unavailable' | 'outcome_unknown'; readonly cause: unknown };

interface IntakeOptions {
  readonly redis: Redis;
  readonly config: Pick<DynamicConfig<ValuesOf<typeof settings>>, 'get'>;
  /** So long is Redis waited for. */
  readonly patienceMs?: number;
}

/** All ingestors count on it. */
const RATE_KEY = 'mutt:ingest:rate';
const PATIENCE_MS = 2_000;

/** The way into the ingest queue, with its two limits, which are as they are set at the moment. */
export class Intake {
  readonly #redis: Redis;
  readonly #config: IntakeOptions['config'];
  readonly #patienceMs: number;

  constructor({ redis, config, patienceMs = PATIENCE_MS }: IntakeOptions) {
    this.#redis = redis;
    this.#config = config;
    this.#patienceMs = patienceMs;
  }

  /** Takes all of the events, or none. */
  async takeAll(events: readonly string[]): Promise<Refusal | null> {
    const { granted, refusal } = await this.#permits(events.length, { atLeast: events.length });
    if (granted < events.length) return refusal;
    return this.#store(events);
  }

  /** Takes as many of the events, from the first on, as there are permits and room for. */
  async takeSome(events: readonly string[]): Promise<{ readonly taken: number; readonly refusal: Refusal | null }> {
    const { granted, refusal } = await this.#permits(events.length, { atLeast: 1 });
    if (granted === 0) return { taken: 0, refusal };
    const refused = await this.#store(events.slice(0, granted));
    if (refused === null) return { taken: granted, refusal };
    const room = refused.reason === 'queue_full' ? Math.min(granted, refused.limit - refused.length) : 0;
    if (room <= 0) return { taken: 0, refusal: refused };
    const refusedAgain = await this.#store(events.slice(0, room));
    return { taken: refusedAgain === null ? room : 0, refusal: refusedAgain ?? refused };
  }

  async #permits(
    wanted: number,
    { atLeast }: { readonly atLeast: number },
  ): Promise<{ readonly granted: number; readonly refusal: Refusal | null }> {
    const limit = this.#config.get('ingest_max_rate');
    if (limit === 0) return { granted: wanted, refusal: null };
    const limited = { reason: 'rate_limited', limit } as const;
    try {
      const { granted, retryAfterMs } = await this.#soon(
        takePermits(this.#redis, RATE_KEY, limit, wanted, { atLeast }),
      );
      return { granted, refusal: granted < wanted ? { ...limited, retryAfterMs } : null };
    } catch (cause) {
      return { granted: 0, refusal: { reason: 'redis_unavailable', cause } };
    }
  }

  async #store(events: readonly string[]): Promise<Refusal | null> {
    const limit = this.#config.get('max_ingest_queue_size');
    try {
      const { accepted, length } = await this.#soon(offer(this.#redis, QUEUES.ingest, events, limit));
      return accepted ? null : { reason: 'queue_full', limit, length };
    } catch (cause) {
      return { reason: isNotStored(cause) ? 'redis_unavailable' : 'outcome_unknown', cause };
    }
  }

  /** A Redis that is frozen is not noticed by the driver for seconds; nobody who sends is kept waiting for so long. */
  async #soon<T>(task: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`Redis did not answer within ${this.#patienceMs} ms`)),
        this.#patienceMs,
      );
    });
    try {
      return await Promise.race([task, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** True where nothing was sent, or Redis itself has refused it. What else went wrong may have done so after it was stored. */
function isNotStored(error: unknown): boolean {
  return error instanceof ErrorReply || error instanceof ClientOfflineError || error instanceof ClientClosedError;
}
