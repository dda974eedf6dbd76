import { matchesPattern } from '@mutt/dynamic-config/key-pattern';
import { sql } from 'kysely';
import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
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
    const found = await wantedWords(db, filter.text);
    let query = narrowed(db.selectFrom('config_audit_log'), filter, keys, found).select(COLUMNS);
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
  const found = await database.run((db) => wantedWords(db, filter.text));
  for (let after = 0; ;) {
    const page = await database.run((db) =>
      narrowed(db.selectFrom('config_audit_log'), filter, keys, found)
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

function narrowed(rows: Rows, filter: AuditFilter, keys: readonly string[] | null, found: Wanted | null): Rows {
  let query = rows;
  if (keys !== null) query = query.where('key', '=', sql<string>`any(${keys}::text[])`);
  if (filter.actor !== undefined) query = query.where('changed_by', '=', filter.actor);
  if (filter.operation !== undefined) query = query.where('operation', '=', filter.operation);
  if (filter.source !== undefined) query = query.where('source', '=', filter.source);
  if (filter.fromMs !== undefined) query = query.where('changed_at', '>=', new Date(filter.fromMs));
  if (filter.toMs !== undefined) query = query.where('changed_at', '<', new Date(filter.toMs));
  if (found !== null) {
    // Nothing but punctuation is in no record.
    if (found.all.length === 0) query = query.where(sql<boolean>`false`);
    else if (found.rare.length === 0) query = query.where(sql<boolean>`search @@ ${toTsquery(found.all)}::tsquery`);
    else {
      // The concatenation keeps the index out of it: of a common word it would yield half of the trail.
      query = query
        .where(sql<boolean>`search @@ ${toTsquery(found.rare)}::tsquery`)
        .where(sql<boolean>`(search || ''::tsvector) @@ ${toTsquery(found.all)}::tsquery`);
    }
  }
  return query;
}

/** The words that are looked for, and those of them that only few records hold. */
interface Wanted {
  readonly all: readonly string[];
  readonly rare: readonly string[];
}

/** In more records than this share a word is not rare. */
const RARE_SHARE = 0.01;

/** null: no words are looked for. */
async function wantedWords(db: Kysely<Tables>, text: string | undefined): Promise<Wanted | null> {
  if (text === undefined) return null;
  const all = [...new Set(words(text))];
  if (all.length < 2) return { all, rare: [] };
  // What PostgreSQL itself has counted, if it has.
  const { rows } = await sql<{ word: string; share: number | null }>`
    select word, (
      select sum(share) from pg_stats, unnest(most_common_elems::text::text[], most_common_elem_freqs) as common (elem, share)
      where schemaname = current_schema() and tablename = 'config_audit_log' and attname = 'search'
        and starts_with(elem, word)
    ) as share from unnest(${all}::text[]) as word`.execute(db);
  const isRare = ({ share }: { share: number | null }): boolean => share === null || share < RARE_SHARE;
  const rare = rows.filter(isRare).map(({ word }) => word);
  return { all, rare: rare.length === all.length ? [] : rare };
}

function toTsquery(all: readonly string[]): string {
  return all.map((word) => `'${word}':*`).join(' & ');
}

/** The keys that a filter leaves; null: all. Keys are few beside their records, so the patterns are tried on them. */
export async function keysOf(
  db: Kysely<Tables>,
  { keys, visible = null }: AuditFilter,
): Promise<readonly string[] | null> {
  if (keys === undefined && visible === null) return null;
  const all = await db.selectFrom('audit_key').select('key').execute();
  const isMatched = (patterns: readonly string[] | null | undefined, key: string): boolean =>
    patterns == null || patterns.some((pattern) => matchesPattern(pattern, key));
  return all.map(({ key }) => key).filter((key) => isMatched(keys, key) && isMatched(visible, key));
}
