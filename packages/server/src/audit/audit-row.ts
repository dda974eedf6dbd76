import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../database/schema.ts';
import type { AuditRecord } from './audit-record.ts';

type AuditRow = Tables['config_audit_log'];

/** The columns that are written as they are, with their types. */
const WRITTEN = {
  id: 'bigint',
  changed_at: 'timestamptz',
  changed_by: 'text',
  operation: 'text',
  table_name: 'text',
  record_id: 'bigint',
  old_values: 'text',
  new_values: 'text',
  reason: 'text',
  correlation_id: 'text',
  epoch: 'text',
  revision: 'bigint',
  key: 'text',
  source: 'text',
  log_hash: 'text',
  previous_hash: 'text',
  hash: 'text',
} as const satisfies Partial<Record<keyof AuditRow, string>>;

type Written = Record<keyof typeof WRITTEN, string | number | Date | null>;

/** Inserts records, as arrays, one for each column: several times as fast as a parameter for each field. */
export async function insertAuditRows(db: Kysely<Tables>, records: readonly AuditRecord[]): Promise<void> {
  const rows = records.map(toAuditRow);
  const names = Object.keys(WRITTEN) as (keyof Written)[];
  const arrays = names.map((name) => sql`${rows.map((row) => row[name])}::${sql.raw(WRITTEN[name])}[]`);
  const searched = records.map((record) => wordsOf(record).join(' '));
  await sql`
    insert into config_audit_log (${sql.join(names.map((name) => sql.ref(name)))}, search)
    select ${sql.join(names.map((name) => sql.ref(`row.${name}`)))},
      array_to_tsvector(string_to_array(row.words, ' '))
    from unnest(${sql.join(arrays)}, ${searched}::text[])
      as row (${sql.join(names.map((name) => sql.ref(name)))}, words)`.execute(db);
}

function toAuditRow(record: AuditRecord): Written {
  return {
    id: record.id,
    changed_at: new Date(record.changedAtMs),
    changed_by: record.changedBy,
    operation: record.operation,
    table_name: record.tableName,
    record_id: record.recordId,
    old_values: record.oldValues,
    new_values: record.newValues,
    reason: record.reason,
    correlation_id: record.correlationId,
    epoch: record.epoch,
    revision: record.revision,
    key: record.key,
    source: record.source,
    log_hash: record.logHash,
    previous_hash: record.previousHash,
    hash: record.hash,
  };
}

export function fromAuditRow(row: Omit<Selectable<AuditRow>, 'search'>): AuditRecord {
  return {
    id: Number(row.id),
    changedAtMs: row.changed_at.getTime(),
    changedBy: row.changed_by,
    operation: row.operation,
    tableName: row.table_name,
    recordId: row.record_id === null ? null : Number(row.record_id),
    oldValues: row.old_values,
    newValues: row.new_values,
    reason: row.reason,
    correlationId: row.correlation_id,
    epoch: row.epoch,
    revision: Number(row.revision),
    key: row.key,
    source: row.source,
    logHash: row.log_hash,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

/**
 * The words that a record is found by, each once. Without the values: who must not see a secret must not find its record
 * by it either.
 */
export function wordsOf({ key, changedBy, reason, correlationId }: AuditRecord): string[] {
  const texts = [key, changedBy, reason, correlationId];
  return [...new Set(texts.flatMap((text) => (text === null ? [] : words(text))))];
}

/** Letters and digits in a row, in lower case. */
export function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{1,100}/gu) ?? [];
}
