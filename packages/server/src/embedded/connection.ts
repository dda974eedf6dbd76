import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { DurableNodeFS } from './durable-node-fs.ts';
import type { Tables } from '../database/schema.ts';
import { withinMs } from '../within-ms.ts';

/** A PostgreSQL in this process, on one folder, and the one connection to it. */
export interface Connection {
  readonly db: Kysely<Tables>;
  /** The first statement that failed since this was last asked: those after it only fail because of it. null: none did. */
  takeFirstFailure(): FailedStatement | null;
  /** Ends it, whatever state it is in: afterwards nothing of it touches the folder any more. Never throws. */
  close(): Promise<void>;
}

interface FailedStatement {
  readonly sql: string;
  readonly error: unknown;
}

/** One connection, kept for good, whatever PGSSLMODE and its like in the environment ask for. */
const POOL = { max: 1, idleTimeoutMillis: 0, ssl: false };
const OPEN_MS = 60_000;
const CLOSE_MS = 10_000;

/** Opens the database in a folder. */
export async function openConnection(path: string): Promise<Connection> {
  const pglite = await openPglite(path);
  let isOpen = true;
  let firstFailure: FailedStatement | null = null;
  // What is still under way in a connection that is given up must not reach the files that the next one works on.
  const gate: Pick<PGlite, 'waitReady' | 'execProtocolStream'> = {
    waitReady: pglite.waitReady,
    execProtocolStream: async (...args) => {
      // Without an answer rather than with an error, which the driver may have nobody left to tell: that would end the
      // process. Whoever waits has given up, too.
      if (!isOpen) return new Promise<never>(() => {});
      return pglite.execProtocolStream(...args);
    },
  };
  const pool = new pg.Pool(Object.assign(createPgConfig(gate as PGlite), POOL));
  // Without a listener, losing the connection would end the process: the pool's own hears of idle ones only.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    log(event) {
      if (event.level === 'error') firstFailure ??= { sql: event.query.sql, error: event.error };
    },
  });
  return {
    db,
    takeFirstFailure() {
      const failure = firstFailure;
      firstFailure = null;
      return failure;
    },
    async close() {
      isOpen = false;
      // Not awaited: it would wait for a statement that may never end.
      db.destroy().catch(() => {});
      await withinMs(CLOSE_MS, pglite.close()).catch(() => pglite.fs?.closeFs().catch(() => {}));
    },
  };
}

/** A PostgreSQL on a folder; makes the database where the folder has none. */
export async function openPglite(path: string): Promise<PGlite> {
  // -F turns fsync off.
  const startParams = PGlite.defaultStartParams.filter((param) => param !== '-F');
  const opening = PGlite.create({
    fs: new DurableNodeFS(path),
    startParams: [...startParams, '-c', 'wal_sync_method=fsync', '-c', 'shared_buffers=8MB'],
  });
  try {
    return await withinMs(OPEN_MS, opening);
  } catch (error) {
    // Should it open after all, nobody knows it.
    opening.then((late) => late.close()).catch(() => {});
    throw error;
  }
}
