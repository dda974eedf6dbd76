import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

/** Where the server keeps what is its own: audit trail, API keys, users; embedded, entries too. */
export interface Database {
  /** Where it is, for people and logs; without credentials. */
  readonly location: string;

  /**
   * Runs a task within a deadline. What it did outside a transaction stays done when it fails.
   *
   * @throws ConfigError, RequestError as the task threw it.
   * @throws DatabaseFailure when the task failed otherwise, or did not end in time.
   * @throws StoreUnavailableError when it was not run at all.
   */
  run<T>(task: (db: Kysely<Tables>) => Promise<T>): Promise<T>;

  /** Waits for the tasks so far, and releases everything. Idempotent. */
  close(): Promise<void>;
}
