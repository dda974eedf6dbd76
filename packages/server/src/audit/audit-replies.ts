import { z } from 'zod';
import { revisionNumber, time } from '../config/config-replies.ts';
import { operation, otherReply } from '../openapi/operation.ts';
import { AUDIT_OPERATIONS, AUDIT_SOURCES } from './audit-record.ts';

const textOrNull = z.string().nullable();
const values = z.record(z.string(), z.unknown()).nullable();

export const auditRecord = z
  .object({
    id: z.int(),
    changed_at: time,
    changed_by: textOrNull,
    operation: z.enum(AUDIT_OPERATIONS),
    table_name: z.string(),
    record_id: z.int().nullable(),
    key: textOrNull,
    old_values: values,
    new_values: values,
    reason: textOrNull,
    correlation_id: textOrNull,
    epoch: z.string(),
    revision: revisionNumber,
    source: z.enum(AUDIT_SOURCES),
    hash: z.string(),
    previous_hash: z.string(),
  })
  .meta({ id: 'AuditRecord' });

const verification = z
  .object({
    ok: z.boolean(),
    records: z.int(),
    gaps: z.int(),
    first_id: z.int().nullable(),
    first_changed_at: time.nullable(),
    last_id: z.int().nullable(),
    hash: z.string(),
    anchor: z.object({ id: z.int(), hash: z.string() }),
    problem: z.object({ id: z.int().nullable(), message: z.string() }).nullable(),
  })
  .meta({ id: 'Verification' });

export const listAudit = operation(
  'audit',
  'Records of the trail, the latest first, in pages.',
  z.object({ records: z.array(auditRecord), next_cursor: textOrNull }),
);

export const exportTrail = operation(
  'audit',
  'The same as a file.',
  otherReply('One line for each record.', 'text/csv', 'application/jsonl'),
);

export const verifyAudit = operation('audit', 'Recomputes the chain of the trail.', verification);

export const verifyAgainstHead = operation(
  'audit',
  'The same, and whether it has what a signed head says.',
  verification,
);

export const getAuditHead = operation(
  'audit',
  'A signed head, to keep elsewhere.',
  z.object({
    trail_id: z.string(),
    id: z.int(),
    hash: z.string(),
    signed_at: z.string(),
    public_key: z.string(),
    signature: z.string(),
  }),
);
