import type { ErrorCode } from '@mutt/dynamic-config';

/** Every way a request can fail that the library knows nothing of. */
export type ServerErrorCode =
  | 'request_invalid'
  | 'not_found'
  | 'request_timeout'
  | 'payload_too_large'
  | 'media_type_unsupported'
  | 'request_id_reused'
  | 'headers_too_large'
  | 'rollback_conflict'
  | 'revision_unknown'
  | 'history_unavailable'
  | 'reason_required'
  | 'last_admin'
  | 'name_taken'
  | 'too_many_requests'
  | 'too_many_streams'
  | 'internal';

/** The status of each error. A new code without one doesn't compile. */
export const STATUS_OF: Readonly<Record<ErrorCode | ServerErrorCode, number>> = {
  request_invalid: 400,
  key_invalid: 400,
  option_invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  key_not_found: 404,
  request_timeout: 408,
  revision_unknown: 404,
  wrong_type: 409,
  rollback_conflict: 409,
  history_unavailable: 410,
  last_admin: 409,
  name_taken: 409,
  revision_conflict: 412,
  payload_too_large: 413,
  media_type_unsupported: 415,
  value_invalid: 422,
  change_set_invalid: 422,
  request_id_reused: 422,
  reason_required: 422,
  too_many_requests: 429,
  headers_too_large: 431,
  internal: 500,
  changes_lost: 500,
  store_refused: 502,
  store_unavailable: 503,
  too_many_streams: 503,
  closed: 503,
  outcome_unknown: 504,
};

/** A request that cannot be answered, in the server's own words. */
export class RequestError extends Error {
  readonly code: ServerErrorCode;
  /** What a program can make use of. */
  readonly details: Readonly<Record<string, unknown>> | null;

  constructor(
    code: ServerErrorCode,
    message: string,
    { details = null, ...options }: ErrorOptions & { details?: Readonly<Record<string, unknown>> | null } = {},
  ) {
    super(message, options);
    this.name = 'RequestError';
    this.code = code;
    this.details = details;
  }
}

/** Asked too often. */
export class TooManyRequestsError extends RequestError {
  /** When to ask again, in whole seconds. */
  readonly retryAfterS: number;

  constructor(message: string, retryAfterMs: number) {
    super('too_many_requests', message);
    this.name = 'TooManyRequestsError';
    this.retryAfterS = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  }
}
