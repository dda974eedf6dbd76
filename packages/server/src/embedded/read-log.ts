import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { LoggedCommit } from '@mutt/dynamic-config';
import { fromLogRow } from './log-record.ts';
import type { Tables } from '../database/schema.ts';

const PAGE_COMMITS = 100;
/** One commit may hold 96 MB of JSON: a page of many of them would be gigabytes. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** The next commits of the log, as many as are worth reading at once; none when there are no more. */
export async function selectLog(db: Kysely<Tables>, afterRevision: number): Promise<LoggedCommit[]> {
  const last = await lastOfPage(db, afterRevision);
  if (last === null) return [];
  const rows = await db
    .selectFrom('config_log')
    .selectAll()
    .where('revision', '>', String(afterRevision))
    .where('revision', '<=', last)
    .orderBy('revision')
    .execute();
  return rows.map(fromLogRow);
}

/** Which commit a page ends with, decided by sizes alone; null: there is none. */
async function lastOfPage(db: Kysely<Tables>, afterRevision: number): Promise<string | null> {
  const sizes = await db
    .selectFrom('config_log')
    .select(['revision', sql<number>`octet_length(changes)`.as('bytes')])
    .where('revision', '>', String(afterRevision))
    .orderBy('revision')
    .limit(PAGE_COMMITS)
    .execute();
  let last: string | null = null;
  let total = 0;
  for (const { revision, bytes } of sizes) {
    total += bytes;
    if (last !== null && total > PAGE_BYTES) break;
    last = revision;
  }
  return last;
}
