import { StartupError } from '../startup-error.ts';
import { diskProblem } from '../database/disk-problem.ts';

/** Why a database cannot be opened or made, and what to do about it. */
export function toStartupError(path: string, cause: unknown, freeBytes: number | null): StartupError {
  const advice =
    diskProblem(cause, freeBytes) ??
    'If the folder is not writable for this user, change that; if it is damaged, put a backup in its place, or move it away to begin with an empty database';
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StartupError(`The database in ${path} cannot be opened (${why}). ${advice}.`, { cause });
}
