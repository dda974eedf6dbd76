/** What the server refused, or why it did not answer. `message` is a sentence for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** As in the REST API's table of errors; `unreachable` where there was no answer. */
  readonly code: string;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly correlationId: string | null;
  /** How long to wait before the next attempt; null: it does not say. */
  readonly retryAfterSeconds: number | null;

  constructor(
    message: string,
    {
      code,
      status,
      details = {},
      correlationId = null,
      retryAfterSeconds = null,
      cause,
    }: {
      code: string;
      status: number;
      details?: Readonly<Record<string, unknown>>;
      correlationId?: string | null;
      retryAfterSeconds?: number | null;
      cause?: unknown;
    },
  ) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.details = details;
    this.correlationId = correlationId;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether a change that was answered with this may be applied all the same: nobody said that it is not. */
  get isOutcomeUnknown(): boolean {
    return this.status === 0 || this.code === 'outcome_unknown' || (this.code === 'unknown' && this.status >= 500);
  }
}
