import { sql } from 'kysely';
import type { Insertable, Selectable } from 'kysely';
import type { Tables } from '../database/schema.ts';
import type { AuditRecord } from './audit-record.ts';

type AuditRow = Tables['config_audit_log'];

export function toAuditRow(record: AuditRecord): Insertable<AuditRow> {
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
    search: sql<string>`to_tsvector('simple', ${wordsOf(record)})`,
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

/** Without the values: who must not see a secret must not find its record by it either. */
function wordsOf({ key, changedBy, reason, correlationId }: AuditRecord): string {
  return [key, changedBy, reason, correlationId].flatMap((text) => (text === null ? [] : words(text))).join(' ');
}

/** Letters and digits in a row, in lower case. */
export function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{1,100}/gu) ?? [];
}
