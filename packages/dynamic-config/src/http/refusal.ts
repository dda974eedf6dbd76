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

/** What the server's codes are here; the others go by their status. */
const ERRORS: Readonly<Record<string, (message: string, details: Refusal['details']) => ConfigError>> = {
  key_invalid: (message) => new InvalidKeyError(message),
  value_invalid: (message) => new InvalidValueError(message),
  change_set_invalid: (message) => new InvalidChangeSetError(message),
  option_invalid: (message) => new InvalidOptionError(message),
  request_invalid: (message) => new InvalidOptionError(message),
  request_id_reused: (message) => new InvalidOptionError(message),
  wrong_type: (message) => new WrongTypeError(message),
  store_refused: (message) => new StoreRefusedError(message),
  revision_conflict: (_, details) => toConflict(details),
  outcome_unknown: (_, details) => new OutcomeUnknownError(String(details['request_id'])),
};

/** The error of this library that a refusal means. */
export function toConfigError({ status, code, message, details }: Refusal, location: string): ConfigError {
  const said = message ?? `The server at ${location} answered with status ${status}.`;
  const known = code !== null && Object.hasOwn(ERRORS, code) ? ERRORS[code] : undefined;
  if (known !== undefined) return known(said, details);
  if (status === 401) return new AccessDeniedError('unauthorized', said);
  if (status === 403) return new AccessDeniedError('forbidden', said);
  // A redirect, another server's 404: waiting would not help. Too slow or too many (408, 429): it would.
  if (status < 500 && status !== 408 && status !== 429) return new StoreRefusedError(said);
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
