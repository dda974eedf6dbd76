import type { AuditRecord } from './audit-record.ts';
import type { SignedHead } from './signed-head.ts';
import type { Verification } from './audit-verify.ts';

/** Shows the value of a key, or what stands for it. */
export type ShowValue = (key: string, value: string) => string;

/** A record as clients see it. */
export function recordJson(record: AuditRecord, show: ShowValue): Record<string, unknown> {
  return {
    id: record.id,
    changed_at: new Date(record.changedAtMs).toISOString(),
    changed_by: record.changedBy,
    operation: record.operation,
    table_name: record.tableName,
    record_id: record.recordId,
    key: record.key,
    old_values: valuesJson(record, record.oldValues, show),
    new_values: valuesJson(record, record.newValues, show),
    reason: record.reason,
    correlation_id: record.correlationId,
    epoch: record.epoch,
    revision: record.revision,
    source: record.source,
    hash: record.hash,
    previous_hash: record.previousHash,
  };
}

export function signedHeadJson(head: SignedHead): Record<string, unknown> {
  const { trailId, id, hash, signedAt, publicKey, signature } = head;
  return { trail_id: trailId, id, hash, signed_at: signedAt, public_key: publicKey, signature };
}

export function verificationJson(verification: Verification): Record<string, unknown> {
  const { problem, firstId, firstChangedAtMs, lastId, records, gaps, head } = verification;
  return {
    ok: problem === null,
    records,
    gaps,
    first_id: firstId,
    first_changed_at: firstChangedAtMs === null ? null : new Date(firstChangedAtMs).toISOString(),
    last_id: lastId,
    hash: head.hash,
    anchor: { id: head.anchor.id, hash: head.anchor.hash },
    problem,
  };
}

function valuesJson({ key }: AuditRecord, values: string | null, show: ShowValue): unknown {
  if (values === null) return null;
  const parsed = JSON.parse(values) as { value: string };
  return key === null ? parsed : { key, value: show(key, parsed.value) };
}
