import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';

/** SHA-256, hexadecimal, over what the keys held before the first record that is kept; `''` for nothing. */
export async function baselineHash(db: Kysely<Tables>): Promise<string> {
  const rows = await db.selectFrom('audit_baseline').selectAll().execute();
  if (rows.length === 0) return '';
  // Sorted here: databases sort text by different rules.
  const sorted = rows.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const hash = createHash('sha256');
  for (const { key, value, epoch, revision, changed_at: changedAt, changed_by: changedBy } of sorted) {
    hash.update(`${JSON.stringify([key, value, epoch, revision, changedAt.getTime(), changedBy])}\n`);
  }
  return hash.digest('hex');
}
