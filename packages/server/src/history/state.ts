import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';
import { valueIn } from '../audit/audit-record.ts';

/** What a key held at a moment, and who had put it there. */
export interface PastEntry {
  readonly value: string;
  readonly epoch: string;
  readonly revision: number;
  readonly changedAtMs: number;
  readonly changedBy: string | null;
}

interface Row {
  readonly key: string;
  readonly new_values: string | null;
  readonly epoch: string;
  readonly revision: string;
  readonly changed_at: Date;
  readonly changed_by: string | null;
}

/** What all keys, or some, held after a record of the trail. */
export async function stateAt(
  db: Kysely<Tables>,
  id: number,
  keys: readonly string[] | 'all' = 'all',
): Promise<Map<string, PastEntry>> {
  const state = new Map<string, PastEntry>();
  let baseline = db.selectFrom('audit_baseline').selectAll();
  if (keys !== 'all') baseline = baseline.where('key', '=', sql<string>`any(${keys}::text[])`);
  for (const row of await baseline.execute()) state.set(row.key, toEntry(row, JSON.parse(row.value) as string));
  // Each key's newest record, found by its index: keys are few beside the records of their changes.
  const wanted = keys === 'all' ? sql`select key from audit_key` : sql`select unnest(${keys}::text[]) as key`;
  const { rows } = await sql<Row>`
    select newest.* from (${wanted}) as wanted cross join lateral (
      select key, new_values, epoch, revision, changed_at, changed_by from config_audit_log
      where config_audit_log.key = wanted.key and id <= ${String(id)}::bigint and operation <> 'REVEAL'
      order by id desc limit 1
    ) as newest`.execute(db);
  for (const row of rows) {
    const value = valueIn(row.new_values);
    if (value === null) state.delete(row.key);
    else state.set(row.key, toEntry(row, value));
  }
  return new Map([...state].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The keys that records between two of the trail name. */
export async function keysChangedBetween(db: Kysely<Tables>, a: number, b: number): Promise<string[]> {
  const rows = await db
    .selectFrom('config_audit_log')
    .select('key')
    .distinct()
    .where('id', '>', String(Math.min(a, b)))
    .where('id', '<=', String(Math.max(a, b)))
    .where('key', 'is not', null)
    .where('operation', '!=', 'REVEAL')
    .execute();
  return rows.flatMap(({ key }) => (key === null ? [] : [key])).toSorted();
}

function toEntry(row: Omit<Row, 'new_values' | 'key'>, value: string): PastEntry {
  return {
    value,
    epoch: row.epoch,
    revision: Number(row.revision),
    changedAtMs: row.changed_at.getTime(),
    changedBy: row.changed_by,
  };
}
