import { createHash } from 'node:crypto';
import type { ChangeSource } from '@mutt/dynamic-config';

/**
 * What a record tells: a key that came, changed or went; that something is missing before it; or that somebody was told a
 * secret, which changes nothing.
 */
export const AUDIT_OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'GAP', 'REVEAL'] as const;
export type AuditOperation = (typeof AUDIT_OPERATIONS)[number];

export const AUDIT_SOURCES = ['commit', 'out-of-band', 'gap', 'reveal'] as const;
export type AuditSource = ChangeSource | 'gap' | 'reveal';

const TABLE_NAME = 'runtime_config';

/** One change of one key, a gap, or a look at a secret, as the trail keeps it. */
export interface AuditRecord {
  /** Counts from 1, without a hole. */
  readonly id: number;
  readonly changedAtMs: number;
  /** null: nobody knows. */
  readonly changedBy: string | null;
  readonly operation: AuditOperation;
  readonly tableName: string;
  /** Of the key; the same in every process, and for good. */
  readonly recordId: number | null;
  /** JSON, `{"key", "value"}`; null: there was no entry. Of a gap: where the trail ended. */
  readonly oldValues: string | null;
  /** JSON, `{"key", "value"}`; null: deleted. Of a gap: where it goes on. */
  readonly newValues: string | null;
  readonly reason: string | null;
  readonly correlationId: string | null;
  readonly epoch: string;
  readonly revision: number;
  readonly key: string | null;
  readonly source: AuditSource;
  /** Of the revision, as the store's log has it. */
  readonly logHash: string;
  readonly previousHash: string;
  /** Over `previousHash` and all that the record says. */
  readonly hash: string;
}

/** A record before it has its place in the chain. */
export type UnchainedRecord = Omit<AuditRecord, 'id' | 'previousHash' | 'hash' | 'tableName' | 'recordId'>;

/** Puts a record behind another one. */
export function chained(record: UnchainedRecord, before: Pick<AuditRecord, 'id' | 'hash'>): AuditRecord {
  const placed = {
    ...record,
    id: before.id + 1,
    tableName: TABLE_NAME,
    recordId: record.key === null ? null : recordIdOf(record.key),
    previousHash: before.hash,
  };
  return { ...placed, hash: hashOf(placed) };
}

/** SHA-256, hexadecimal, over the hash before, a newline, and the record's fields as a JSON array in this order. */
export function hashOf(record: Omit<AuditRecord, 'hash'>): string {
  const { id, changedAtMs, changedBy, operation, tableName, recordId, oldValues, newValues, reason } = record;
  const { correlationId, epoch, revision, key, source, logHash, previousHash } = record;
  const change = [id, new Date(changedAtMs).toISOString(), changedBy, operation, tableName, recordId];
  const told = [...change, oldValues, newValues, reason, correlationId, epoch, revision, key, source, logHash];
  return createHash('sha256')
    .update(`${previousHash}\n${JSON.stringify(told)}`)
    .digest('hex');
}

/** The first 52 bits of the key's SHA-256: a whole number in JSON, too. */
function recordIdOf(key: string): number {
  return Number.parseInt(createHash('sha256').update(key).digest('hex').slice(0, 13), 16);
}

/** What a key held, as a record keeps it. */
export function toValues(key: string, value: string | null): string | null {
  return value === null ? null : JSON.stringify({ key, value });
}

/** The value in what a record keeps of a key. */
export function valueIn(values: string | null): string | null {
  return values === null ? null : (JSON.parse(values) as { value: string }).value;
}
