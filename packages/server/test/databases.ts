import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { sql } from 'kysely';
import { makeDataDir } from '../../../test/support/data-dir.ts';
import { startPostgres } from '../../../test/support/postgres-server.ts';
import type { Database } from '../src/database/database.ts';
import { EmbeddedDatabase } from '../src/embedded/embedded-database.ts';
import { PostgresDatabase } from '../src/postgres/postgres-database.ts';

/** A database for one file of tests: to make one takes seconds. */
export interface TestDatabase {
  readonly database: Database;
  /** Empties it. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface DatabaseKind {
  readonly name: string;
  start(): Promise<TestDatabase>;
}

const embedded: DatabaseKind = {
  name: 'the embedded database',
  async start() {
    const folder = await makeDataDir('mutt-database-');
    const database = await EmbeddedDatabase.open(folder);
    return {
      database,
      reset: () => reset(database),
      async stop() {
        await database.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

const postgres: DatabaseKind = {
  name: 'PostgreSQL',
  async start() {
    const server = await startPostgres();
    const database = await PostgresDatabase.open(server.url);
    return {
      database,
      reset: () => reset(database),
      async stop() {
        await database.close();
        await server.stop();
      },
    };
  },
};

/** Both: the same SQL must do on either. */
export const DATABASES: readonly DatabaseKind[] = [embedded, postgres];

async function reset(database: Database): Promise<void> {
  await database.run(async (db) => {
    const tables = [
      'config_entry',
      'config_log',
      'config_audit_log',
      'audit_key',
      'audit_baseline',
      'audit_signing_key',
      'webhook',
      'webhook_delivery',
    ];
    await sql`truncate ${sql.raw(tables.join())}`.execute(db);
    await db.updateTable('config_head').set({ epoch: '', revision: 0, hash: '' }).execute();
    const nothing = {
      id: 0,
      hash: '',
      epoch: '',
      revision: 0,
      log_hash: '',
      anchor_id: 0,
      anchor_hash: '',
      baseline_hash: '',
    };
    await db
      .updateTable('audit_head')
      .set({ ...nothing, trail_id: randomUUID(), anchored_at: null })
      .execute();
  });
}
