import { ConfigError, OutcomeUnknownError, StoreRefusedError, StoreUnavailableError } from '@mutt/dynamic-config';
import { RequestError } from '../errors.ts';
import { diskProblem } from './disk-problem.ts';

interface FailureOptions {
  /** Room on the disk of the database when that happened; null: unknown. */
  readonly freeBytes: number | null;
  /** True: nothing of the task's transaction remains. false: nobody can tell. */
  readonly isUndone: boolean;
}

/** A task that the database did not do, for a reason of its own. `cause` is what failed first. */
export class DatabaseFailure extends Error {
  readonly freeBytes: number | null;
  readonly isUndone: boolean;

  constructor(cause: unknown, { freeBytes, isUndone }: FailureOptions) {
    super(messageOf(cause), { cause });
    this.name = 'DatabaseFailure';
    this.freeBytes = freeBytes;
    this.isUndone = isUndone;
  }
}

/** Whether a task says of its own accord what is wrong: the database did what it was asked. */
export function isAnswer(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof RequestError;
}

/** Classes of SQLSTATE that say nothing about the statement: connection, resources, operator intervention, system, internal. */
const UNAVAILABLE = ['08', '53', '57', '58', 'XX'];

/** What a failed task is to the users of a store. */
export function toStoreError(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  const { cause, freeBytes } = error instanceof DatabaseFailure ? error : { cause: error, freeBytes: null };
  const state = sqlState(cause);
  if (state === null || UNAVAILABLE.includes(state.slice(0, 2)) || diskProblem(cause, freeBytes) !== null) {
    return unavailable(cause, freeBytes);
  }
  return new StoreRefusedError(`The database refused: ${messageOf(cause)} (SQLSTATE ${state}).`, { cause: error });
}

/** The same for a commit: unless it is sure that nothing of it remains, nobody can tell. */
export function toCommitError(error: unknown, requestId: string): ConfigError {
  if (error instanceof ConfigError || (error instanceof DatabaseFailure && error.isUndone)) return toStoreError(error);
  return new OutcomeUnknownError(requestId, { cause: toStoreError(error) });
}

/** Why the database does not work now, with the disk named where it is the reason. */
export function unavailable(cause: unknown, freeBytes: number | null): StoreUnavailableError {
  const why = messageOf(cause);
  const disk = diskProblem(cause, freeBytes);
  const advice = disk === null ? 'It is opened anew; try again' : `${disk}; it goes on by itself then`;
  return new StoreUnavailableError(`The database does not work (${why}). ${advice}.`, { cause });
}

function sqlState(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
