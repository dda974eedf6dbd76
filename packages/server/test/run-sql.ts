import { sql } from 'kysely';
import type { Database } from '../src/database/database.ts';

/** Runs a statement as it is, as whoever has the password of the database could. Returns its rows. */
export async function runSql(database: Database, statement: string): Promise<unknown[]> {
  return database.run(async (db) => (await sql.raw(statement).execute(db)).rows);
}
