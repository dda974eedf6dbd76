import {
  AccessDeniedError,
  InvalidChangeSetError,
  InvalidKeyError,
  InvalidOptionError,
  InvalidValueError,
  OutcomeUnknownError,
  RevisionConflictError,
  StoreRefusedError,
  StoreUnavailableError,
  WrongTypeError,
} from '../errors.ts';
import type { ConfigError } from '../errors.ts';

/** A reply that is not a success. */
export interface Refusal {
  readonly status: number;
  /** What of the body could be read as the server's error shape. */
  readonly code: string | null;
  readonly message: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export function readRefusal(status: number, body: string): Refusal {
  let json: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) json = parsed as Record<string, unknown>;
  } catch {
    // A proxy's page.
  }
  const { code, error, details } = json;
  return {
    status,
    code: typeof code === 'string' ? code : null,
    message: typeof error === 'string' ? error : null,
    details: typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
  };
}

/** The error of this library that a refusal means. */
export function toConfigError(refusal: Refusal, location: string): ConfigError {
  const { status, code, message, details } = refusal;
  const said = message ?? `The server at ${location} answered with status ${status}.`;
  switch (code) {
    case 'key_invalid':
      return new InvalidKeyError(said);
    case 'value_invalid':
      return new InvalidValueError(said);
    case 'change_set_invalid':
      return new InvalidChangeSetError(said);
    case 'option_invalid':
    case 'request_invalid':
      return new InvalidOptionError(said);
    case 'wrong_type':
      return new WrongTypeError(said);
    case 'revision_conflict':
      return toConflict(details);
    case 'outcome_unknown':
      return new OutcomeUnknownError(String(details['request_id']));
    default:
  }
  if (status === 401) return new AccessDeniedError('unauthorized', said);
  if (status === 403) return new AccessDeniedError('forbidden', said);
  if (code === 'store_refused' || (status < 500 && status !== 408 && status !== 429)) return new StoreRefusedError(said);
  return new StoreUnavailableError(said);
}

/** True when the server itself says that nothing was written; of any other 5xx nobody can tell. */
export function isDefinite({ status, code }: Refusal): boolean {
  return status < 500 || code === 'store_unavailable' || code === 'store_refused' || code === 'closed';
}

function toConflict({ key, expected_revision, current_revision }: Refusal['details']): RevisionConflictError {
  return new RevisionConflictError(
    typeof key === 'string' ? key : null,
    Number(expected_revision),
    Number(current_revision),
  );
}
