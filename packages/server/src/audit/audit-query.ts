import { sql } from 'kysely';
import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import { matchesPattern } from '../key-pattern.ts';
import type { AuditOperation, AuditRecord, AuditSource } from './audit-record.ts';
import { fromAuditRow, words } from './audit-row.ts';

/** Which records; what is left out matches all. */
export interface AuditFilter {
  /** Patterns of keys, one of which must match. */
  readonly keys?: readonly string[] | undefined;
  /** Patterns of the keys that may be seen at all; null: all, and the records of gaps, too. */
  readonly visible?: readonly string[] | null;
  readonly actor?: string | undefined;
  readonly operation?: AuditOperation | undefined;
  readonly source?: AuditSource | undefined;
  /** Milliseconds since 1970; inclusive. */
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
  /** Beginnings of words of the key, the actor, the reason and the correlation id; all of them must be there. */
  readonly text?: string | undefined;
}

/** Where a page begins: behind this record. */
export interface AuditCursor {
  readonly id: number;
  readonly changedAtMs: number;
}

const COLUMNS = [
  'id',
  'changed_at',
  'changed_by',
  'operation',
  'table_name',
  'record_id',
  'old_values',
  'new_values',
  'reason',
  'correlation_id',
  'epoch',
  'revision',
  'key',
  'source',
  'log_hash',
  'previous_hash',
  'hash',
] as const;

type Rows = SelectQueryBuilder<Tables, 'config_audit_log', object>;

/** A page of records, the newest first; by time where a time is asked for, which need not be the order of the trail. */
export async function selectAuditPage(
  database: Database,
  filter: AuditFilter,
  { after, limit }: { after?: AuditCursor | undefined; limit: number },
): Promise<AuditRecord[]> {
  return database.run(async (db) => {
    const keys = await keysOf(db, filter);
    if (keys?.length === 0) return [];
    const isByTime = filter.fromMs !== undefined || filter.toMs !== undefined;
    let query = narrowed(db.selectFrom('config_audit_log'), filter, keys).select(COLUMNS);
    if (isByTime) {
      query = query.orderBy('changed_at', 'desc').orderBy('id', 'desc');
      if (after !== undefined) {
        const time = new Date(after.changedAtMs);
        query = query.where(sql<boolean>`(changed_at, id) < (${time}, ${String(after.id)}::bigint)`);
      }
    } else {
      query = query.orderBy('id', 'desc');
      if (after !== undefined) query = query.where('id', '<', String(after.id));
    }
    return (await query.limit(limit).execute()).map(fromAuditRow);
  });
}

/** Records in the order of the trail, page by page: of any number. */
export async function* exportAudit(
  database: Database,
  filter: AuditFilter,
  pageSize = 500,
): AsyncIterable<AuditRecord> {
  const keys = await database.run((db) => keysOf(db, filter));
  if (keys?.length === 0) return;
  for (let after = 0; ;) {
    const page = await database.run((db) =>
      narrowed(db.selectFrom('config_audit_log'), filter, keys)
        .select(COLUMNS)
        .where('id', '>', String(after))
        .orderBy('id')
        .limit(pageSize)
        .execute(),
    );
    for (const row of page) yield fromAuditRow(row);
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = Number(last.id);
  }
}

function narrowed(rows: Rows, filter: AuditFilter, keys: readonly string[] | null): Rows {
  let query = rows;
  if (keys !== null) query = query.where('key', '=', sql<string>`any(${keys}::text[])`);
  if (filter.actor !== undefined) query = query.where('changed_by', '=', filter.actor);
  if (filter.operation !== undefined) query = query.where('operation', '=', filter.operation);
  if (filter.source !== undefined) query = query.where('source', '=', filter.source);
  if (filter.fromMs !== undefined) query = query.where('changed_at', '>=', new Date(filter.fromMs));
  if (filter.toMs !== undefined) query = query.where('changed_at', '<', new Date(filter.toMs));
  if (filter.text !== undefined) {
    const asked = words(filter.text).map((word) => `'${word}':*`);
    // Nothing but punctuation is in no record.
    query =
      asked.length === 0
        ? query.where(sql<boolean>`false`)
        : query.where(sql<boolean>`search @@ ${asked.join(' & ')}::tsquery`);
  }
  return query;
}

/** The keys that a filter leaves; null: all. Keys are few beside their records, so the patterns are tried on them. */
async function keysOf(db: Kysely<Tables>, { keys, visible = null }: AuditFilter): Promise<readonly string[] | null> {
  if (keys === undefined && visible === null) return null;
  const all = await db.selectFrom('audit_key').select('key').execute();
  const isMatched = (patterns: readonly string[] | null | undefined, key: string): boolean =>
    patterns == null || patterns.some((pattern) => matchesPattern(pattern, key));
  return all.map(({ key }) => key).filter((key) => isMatched(keys, key) && isMatched(visible, key));
}
