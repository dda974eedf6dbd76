/** Every way that events can be refused. */
export type IngestErrorCode =
  | 'request_invalid'
  | 'events_invalid'
  | 'unauthorized'
  | 'payload_too_large'
  | 'media_type_unsupported'
  | 'rate_limited'
  | 'queue_full'
  | 'redis_unavailable'
  | 'outcome_unknown'
  | 'internal';

/** The status of each. A new code without one doesn't compile. */
export const STATUS_OF: Readonly<Record<IngestErrorCode, number>> = {
  request_invalid: 400,
  events_invalid: 400,
  unauthorized: 401,
  payload_too_large: 413,
  media_type_unsupported: 415,
  rate_limited: 429,
  internal: 500,
  queue_full: 503,
  redis_unavailable: 503,
  outcome_unknown: 503,
};

interface IngestErrorOptions extends ErrorOptions {
  /** What a program can make use of. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** When to try again. */
  readonly retryAfterMs?: number;
  /** How many events were refused, where that is known. */
  readonly events?: number;
}

/** Why none of the events of a request were taken, or may have been: what happened, and what to do next. */
export class IngestError extends Error {
  readonly code: IngestErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterMs: number | undefined;
  readonly events: number;

  constructor(
    code: IngestErrorCode,
    message: string,
    { details, retryAfterMs, events = 1, ...options }: IngestErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'IngestError';
    this.code = code;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
    this.events = events;
  }
}
