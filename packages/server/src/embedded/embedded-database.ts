import { dirname, resolve } from 'node:path';
import type { Kysely } from 'kysely';
import { ClosedError, StoreUnavailableError } from '@mutt/dynamic-config';
import type { ConfigError } from '@mutt/dynamic-config';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import type { Database } from '../database/database.ts';
import { isAnswer, DatabaseFailure, unavailable } from '../database/database-error.ts';
import { freeBytes, prepareFolder } from './database-folder.ts';
import { lockFolder } from './folder-lock.ts';
import { migrate } from '../database/migrate.ts';
import type { Tables } from '../database/schema.ts';
import { toStartupError } from './unusable-database.ts';
import { withinMs } from '../within-ms.ts';

/** How long calls may take. */
export interface DatabaseTimes {
  /** Longest wait for the calls before. */
  readonly waitMs: number;
  /** Longest task. Far above what the largest change set takes on a slow disk. */
  readonly taskMs: number;
  /** After an attempt to open it again that failed: how long until the next. */
  readonly retryMs: number;
}

const TIMES: DatabaseTimes = { waitMs: 10_000, taskMs: 15_000, retryMs: 1_000 };

/**
 * The server's own database: a PostgreSQL in this process, in one folder, for this process alone. Acknowledged
 * transactions survive `kill -9` and power cuts.
 *
 * There is one connection, and a PostgreSQL in WebAssembly does not survive every failure (a full disk leaves it
 * mute). So tasks run one after the other, each within a deadline; after one that fails unexpectedly the database is
 * opened anew for the next.
 */
export class EmbeddedDatabase implements Database {
  readonly location: string;
  readonly #path: string;
  readonly #unlock: () => void;
  readonly #times: DatabaseTimes;
  #connection: Connection | null;
  /** Ends when the tasks so far have ended. */
  #turns: Promise<unknown> = Promise.resolve();
  /** Why it could not be opened again, and when that was. */
  #reopening: { readonly error: ConfigError; readonly at: number } | null = null;
  #isClosed = false;

  private constructor(path: string, connection: Connection, unlock: () => void, times: DatabaseTimes) {
    this.location = dirname(path);
    this.#path = path;
    this.#connection = connection;
    this.#unlock = unlock;
    this.#times = times;
  }

  /**
   * Opens the database in a data folder, and makes it first where there is none.
   *
   * @throws StartupError when another process uses the folder, or it cannot be used.
   */
  static async open(dataDir: string, times: Partial<DatabaseTimes> = {}): Promise<EmbeddedDatabase> {
    const folder = resolve(dataDir);
    const unlock = lockFolder(folder);
    try {
      const path = await prepareFolder(folder);
      const connection = await openConnection(path).catch(async (error: unknown) => {
        throw toStartupError(path, error, await freeBytes(path));
      });
      await migrate(connection.db).catch(async (error: unknown) => {
        await connection.close();
        throw error;
      });
      return new EmbeddedDatabase(path, connection, unlock, { ...TIMES, ...times });
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** Runs a task when those before it have ended. */
  async run<T>(task: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new ClosedError('The database');
    const { waitMs } = this.#times;
    return new Promise<T>((fulfil, reject) => {
      let isGivenUp = false;
      const timer = setTimeout(() => {
        isGivenUp = true;
        reject(new StoreUnavailableError(`The database is busy: nothing was done within ${waitMs} ms. Try again.`));
      }, waitMs);
      this.#turns = this.#turns.then(async () => {
        clearTimeout(timer);
        if (!isGivenUp) await this.#runNow(task).then(fulfil, reject);
      });
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#turns;
    await this.#connection?.close();
    this.#unlock();
  }

  async #runNow<T>(task: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const connection = (this.#connection ??= await this.#reopen());
    connection.takeFirstFailure();
    try {
      return await withinMs(this.#times.taskMs, task(connection.db));
    } catch (error) {
      if (isAnswer(error)) throw error;
      this.#connection = null;
      const first = connection.takeFirstFailure();
      await connection.close();
      throw new DatabaseFailure(first?.error ?? error, {
        freeBytes: await freeBytes(this.#path),
        // Crash recovery undoes what no commit was asked for.
        isUndone: first !== null && first.sql !== 'commit',
      });
    }
  }

  async #reopen(): Promise<Connection> {
    const { retryMs } = this.#times;
    if (this.#reopening !== null && performance.now() - this.#reopening.at < retryMs) throw this.#reopening.error;
    try {
      const connection = await openConnection(this.#path);
      this.#reopening = null;
      return connection;
    } catch (cause) {
      const error = unavailable(cause, await freeBytes(this.#path));
      this.#reopening = { error, at: performance.now() };
      throw error;
    }
  }
}
