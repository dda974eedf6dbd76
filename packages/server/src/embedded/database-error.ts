import { ConfigError, OutcomeUnknownError, StoreRefusedError, StoreUnavailableError } from '@mutt/dynamic-config';

/** Classes of SQLSTATE that say nothing about the statement: connection, resources, operator intervention, system. */
const UNAVAILABLE = ['08', '53', '57', '58'];

/** What a failed statement or transaction is to the users of a store. */
export function toStoreError(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  const state = sqlState(error);
  if (state === null || UNAVAILABLE.includes(state.slice(0, 2))) {
    return new StoreUnavailableError(`The database does not answer: ${messageOf(error)}.`, { cause: error });
  }
  return new StoreRefusedError(`The database refused: ${messageOf(error)} (SQLSTATE ${state}).`, { cause: error });
}

/** The same for a commit: what the database refused was rolled back; of any other failure nobody can tell. */
export function toCommitError(error: unknown, requestId: string): ConfigError {
  if (error instanceof ConfigError || sqlState(error) !== null) return toStoreError(error);
  return new OutcomeUnknownError(requestId, { cause: error });
}

function sqlState(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
