import type { Kysely } from 'kysely';
import { ClosedError, ConfigError, InvalidOptionError } from '@mutt/dynamic-config';
import type {
  Change,
  CommitOptions,
  ConfigStore,
  Head,
  HistoryQuery,
  LoggedCommit,
  Reading,
  Registration,
  Registrations,
  Snapshot,
  StoreEvent,
  StoreListener,
  Unwatch,
} from '@mutt/dynamic-config';
import { commitTransaction, selectHead } from './commit-transaction.ts';
import type { Database } from '../database/database.ts';
import { toCommitError, toStoreError } from '../database/database-error.ts';
import { announced } from './log-record.ts';
import { selectEntries } from './read-entries.ts';
import { selectLog } from './read-log.ts';
import { saveRegistration, selectRegistrations } from './registrations.ts';
import type { Tables } from '../database/schema.ts';

/**
 * Entries in the server's own database. The database stays its owner's to close.
 *
 * Only writes of this process are announced, so this must be the only process that writes.
 */
export class EmbeddedStore implements ConfigStore {
  readonly location: string;
  readonly #database: Database;
  #listener: StoreListener | null = null;
  /** Ends when all commits so far are made and announced: one after the other, so they are announced in order. */
  #commits: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(database: Database, location: string) {
    this.#database = database;
    this.location = location;
  }

  async load(): Promise<Snapshot> {
    return this.#consistently(async (db) => ({ head: await selectHead(db), entries: await selectEntries(db) }));
  }

  async read(keys: readonly string[]): Promise<Reading> {
    return this.#consistently(async (db) => {
      const found = await selectEntries(db, keys);
      return { head: await selectHead(db), entries: new Map(keys.map((key) => [key, found.get(key) ?? null])) };
    });
  }

  async head(): Promise<Head> {
    return this.#run(selectHead);
  }

  async commit(changes: readonly Change[], options: CommitOptions): Promise<LoggedCommit> {
    this.#assertOpen();
    assertStorable('changedBy', options.changedBy);
    assertStorable('reason', options.reason ?? '');
    const committing = this.#commits.then(() => this.#commitNow(changes, options));
    this.#commits = committing.catch(() => {});
    return committing;
  }

  watch(listener: StoreListener): Unwatch {
    this.#assertOpen();
    this.#listener = listener;
    listener({ type: 'connected', pushesWrites: true });
    return async () => {
      if (this.#listener === listener) this.#listener = null;
    };
  }

  async *history({ afterRevision }: HistoryQuery): AsyncIterable<LoggedCommit> {
    for (let after = afterRevision; ;) {
      const page = await this.#run((db) => selectLog(db, after));
      yield* page;
      const newest = page.at(-1);
      if (newest === undefined) return;
      after = newest.revision;
    }
  }

  async register(registration: Registration): Promise<void> {
    return this.#run((db) => saveRegistration(db, registration));
  }

  async registrations(): Promise<Registrations> {
    return this.#run(selectRegistrations);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listener = null;
    await this.#commits;
  }

  async #commitNow(changes: readonly Change[], options: CommitOptions): Promise<LoggedCommit> {
    try {
      const { commit, isRepeated } = await this.#database.run((db) => commitTransaction(db, changes, options));
      if (!isRepeated) this.#announce(commit, options.notify);
      return commit;
    } catch (error) {
      throw toCommitError(error, options.requestId);
    }
  }

  #announce(commit: LoggedCommit, notify: boolean): void {
    const event: StoreEvent = notify
      ? { type: 'committed', commit: announced(commit) }
      : { type: 'invalidated', keys: commit.changes.map(({ key }) => key), explained: false };
    this.#listener?.(event);
  }

  /** Reads as of one moment, whatever is committed meanwhile. */
  async #consistently<T>(read: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#run((db) => db.transaction().setIsolationLevel('repeatable read').execute(read));
  }

  async #run<T>(task: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    this.#assertOpen();
    try {
      return await this.#database.run(task);
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw toStoreError(error);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('The store');
  }
}

/** PostgreSQL's text holds neither, and what is hashed must be what is stored. */
function assertStorable(name: string, text: string): void {
  if (text.isWellFormed() && !text.includes('\0')) return;
  throw new InvalidOptionError(`${name} holds a NUL character or half of a surrogate pair: leave it out.`);
}
