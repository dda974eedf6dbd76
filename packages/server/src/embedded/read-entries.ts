import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Entry } from '@mutt/dynamic-config';
import type { Tables } from '../database/schema.ts';

/** The entries that there are, of these keys or of all. */
export async function selectEntries(
  db: Kysely<Tables>,
  keys: readonly string[] | 'all' = 'all',
): Promise<Map<string, Entry>> {
  let query = db.selectFrom('config_entry').selectAll().orderBy('key');
  if (keys !== 'all') query = query.where('key', '=', sql<string>`any(${keys})`);
  const entries = new Map<string, Entry>();
  for (const row of await query.execute()) {
    entries.set(row.key, {
      value: row.value.toString(),
      revision: Number(row.revision),
      changedAtMs: row.changed_at.getTime(),
      changedBy: row.changed_by,
    });
  }
  return entries;
}
