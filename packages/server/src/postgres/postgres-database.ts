import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { ClosedError } from '@mutt/dynamic-config';
import type { Database } from '../database/database.ts';
import { isAnswer, DatabaseFailure } from '../database/database-error.ts';
import { migrate } from '../database/migrate.ts';
import type { Tables } from '../database/schema.ts';
import { StartupError } from '../startup-error.ts';
import { withinMs } from '../within-ms.ts';

/** How long calls may take, in milliseconds. */
export interface PostgresTimes {
  /** Longest wait for a connection. */
  readonly connectMs: number;
  /** Longest task. */
  readonly taskMs: number;
}

const TIMES: PostgresTimes = { connectMs: 3_000, taskMs: 15_000 };
const CONNECTIONS = 10;
const CLOSE_MS = 5_000;

/** A PostgreSQL that the operator runs, for any number of servers. */
export class PostgresDatabase implements Database {
  readonly location: string;
  readonly #pool: pg.Pool;
  readonly #db: Kysely<Tables>;
  readonly #times: PostgresTimes;
  /** Those under way. */
  readonly #tasks = new Set<Promise<unknown>>();
  #isClosed = false;

  private constructor(url: URL, times: PostgresTimes) {
    this.location = `${url.protocol}//${url.host}${url.pathname}`;
    this.#times = times;
    this.#pool = new pg.Pool({
      connectionString: url.href,
      max: CONNECTIONS,
      connectionTimeoutMillis: times.connectMs,
      // The server ends what takes longer, and with it the locks that it holds.
      statement_timeout: times.taskMs,
      idle_in_transaction_session_timeout: times.taskMs,
      lock_timeout: times.taskMs,
      keepAlive: true,
      application_name: 'mutt-server',
    });
    // Without a listener, losing a connection would end the process: the pool's own hears of idle ones only.
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    this.#db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: this.#pool }) });
  }

  /**
   * Connects, and brings the tables up to date.
   *
   * @param url `postgres://user:password@host:5432/database`
   * @throws StartupError
   */
  static async open(url: string, times: Partial<PostgresTimes> = {}): Promise<PostgresDatabase> {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (parsed === null || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
      throw new StartupError('DATABASE_URL must look like postgres://user:password@host:5432/database.');
    }
    const database = new PostgresDatabase(parsed, { ...TIMES, ...times });
    try {
      await database.#prepare();
      return database;
    } catch (error) {
      await database.close();
      if (error instanceof StartupError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new StartupError(`The database ${database.location} cannot be used (${why}). Check DATABASE_URL.`, {
        cause: error,
      });
    }
  }

  async run<T>(task: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new ClosedError('The database');
    const running = this.#runNow(task);
    const ended = running.then(
      () => {},
      () => {},
    );
    this.#tasks.add(ended);
    void ended.then(() => this.#tasks.delete(ended));
    return running;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.#tasks);
    // A connection that is silent would be waited for without end.
    await withinMs(CLOSE_MS, this.#db.destroy()).catch(() => {});
  }

  async #runNow<T>(task: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      // Somewhat longer than PostgreSQL itself allows, whose error says more.
      return await withinMs(this.#times.taskMs + 1_000, task(this.#db));
    } catch (error) {
      if (isAnswer(error)) throw error;
      throw new DatabaseFailure(error, { freeBytes: null, isUndone: false });
    }
  }

  async #prepare(): Promise<void> {
    const client = await withinMs(this.#times.connectMs + 1_000, this.#pool.connect());
    client.release();
    await withinMs(2 * this.#times.taskMs, migrate(this.#db));
  }
}
