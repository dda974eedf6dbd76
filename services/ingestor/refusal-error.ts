import { IngestError } from './ingest-error.ts';
import type { Refusal } from './intake.ts';

const RETRY_AFTER_MS = 1_000;

/** What a client is told when the events with these ids were not taken. */
export function refusalError(refusal: Refusal, ids: readonly string[]): IngestError {
  const events = ids.length;
  const { reason } = refusal;
  if (reason === 'rate_limited') {
    const { limit, retryAfterMs } = refusal;
    const advice = events > limit ? 'send smaller batches' : 'try again later';
    return new IngestError(
      reason,
      `All ingestors together take ${limit} events per second (ingest_max_rate), and ${events} more were too many: none was taken; ${advice}.`,
      { details: { limit }, retryAfterMs, events },
    );
  }
  if (reason === 'queue_full') {
    const { limit, length } = refusal;
    return new IngestError(
      reason,
      `The ingest queue holds ${length} events of at most ${limit} (max_ingest_queue_size), and has no room for ${events} more: none was taken.`,
      { details: { limit, length }, retryAfterMs: RETRY_AFTER_MS, events },
    );
  }
  const { cause } = refusal;
  if (reason === 'redis_unavailable') {
    const message = 'Redis is out of reach or refuses, and nothing was stored: try again.';
    return new IngestError(reason, message, { cause, retryAfterMs: RETRY_AFTER_MS, events });
  }
  return new IngestError(
    reason,
    'Redis did not confirm the events in time, so they may or may not be stored. Send them again with the ids of details.ids, and whoever reads them can tell that they are the same.',
    { cause, details: { ids }, retryAfterMs: RETRY_AFTER_MS, events },
  );
}
