/** Every way an operation of this library can fail. The library knows no HTTP and no exit codes: server and CLI map these. */
export type ErrorCode =
  | 'key_invalid'
  | 'value_invalid'
  | 'change_set_invalid'
  | 'option_invalid'
  | 'key_not_found'
  | 'revision_conflict'
  | 'store_unavailable'
  | 'outcome_unknown'
  | 'store_refused'
  | 'wrong_type'
  | 'unauthorized'
  | 'forbidden'
  | 'changes_lost'
  | 'closed';

/** Base of all errors thrown by this library. `message` says what happened and what to do next. */
export class ConfigError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A key that breaks the rule for keys. Nothing was sent to the store. */
export class InvalidKeyError extends ConfigError {
  constructor(message: string) {
    super('key_invalid', message);
  }
}

/** A value that breaks the rule for values. Nothing was sent to the store. */
export class InvalidValueError extends ConfigError {
  constructor(message: string) {
    super('value_invalid', message);
  }
}

/** A change set that is empty, too large, or names a key twice. Nothing was sent to the store. */
export class InvalidChangeSetError extends ConfigError {
  constructor(message: string) {
    super('change_set_invalid', message);
  }
}

/** An option (a URL, a prefix, a duration) that cannot be used. */
export class InvalidOptionError extends ConfigError {
  constructor(message: string, options?: ErrorOptions) {
    super('option_invalid', message, options);
  }
}

/** `get` of a key that the namespace does not hold, without a default. */
export class KeyNotFoundError extends ConfigError {
  readonly key: string;

  constructor(key: string) {
    super('key_not_found', `Config key not found: ${key}`);
    this.key = key;
  }
}

/** A precondition (`ifRevision`) did not hold. Nothing was written. */
export class RevisionConflictError extends ConfigError {
  /** The key whose revision differs, or null when the precondition was on the whole namespace. */
  readonly key: string | null;
  readonly expectedRevision: number;
  readonly currentRevision: number;

  constructor(key: string | null, expectedRevision: number, currentRevision: number) {
    const what = key === null ? 'The namespace' : `Config key ${key}`;
    super(
      'revision_conflict',
      `${what} is at revision ${currentRevision}, not ${expectedRevision}: it changed since it was read. Nothing was written; read it again and retry.`,
    );
    this.key = key;
    this.expectedRevision = expectedRevision;
    this.currentRevision = currentRevision;
  }
}

/** The store cannot be reached, or did not answer in time. A read may be retried at any time. */
export class StoreUnavailableError extends ConfigError {
  constructor(message: string, options?: ErrorOptions) {
    super('store_unavailable', message, options);
  }
}

/** A commit was sent and its answer never came: it may or may not be applied. Retrying with `requestId` applies it once. */
export class OutcomeUnknownError extends ConfigError {
  readonly requestId: string;

  constructor(requestId: string, options?: ErrorOptions) {
    super(
      'outcome_unknown',
      `The store did not confirm the change in time, so it may or may not be applied. Retry with the same requestId (${requestId}): it will be applied once.`,
      options,
    );
    this.requestId = requestId;
  }
}

/** The store answered and refused: rights, memory, role. Nothing was written. */
export class StoreRefusedError extends ConfigError {
  constructor(message: string, options?: ErrorOptions) {
    super('store_refused', message, options);
  }
}

/** A key of the namespace, or of its bookkeeping, holds something other than what it must. Nothing was written. */
export class WrongTypeError extends ConfigError {
  constructor(message: string, options?: ErrorOptions) {
    super('wrong_type', message, options);
  }
}

/** The server does not know the API key (`unauthorized`), or its role does not allow this (`forbidden`). */
export class AccessDeniedError extends ConfigError {
  constructor(code: 'unauthorized' | 'forbidden', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The instance or store was closed before the call. */
export class ClosedError extends ConfigError {
  constructor(what: string) {
    super('closed', `${what} is closed.`);
  }
}
