import { createHash } from 'node:crypto';
import { matchesPattern } from '@mutt/dynamic-config/key-pattern';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';

/** Looked at in one transaction: nobody waits long for it. */
const SCANNED_RECORDS = 2_000;

/** The records of one change set, matching or not. */
export interface ChangeSet {
  readonly firstId: number;
  readonly lastId: number;
  readonly valueBytes: number;
  /** Of its first record: no other change set of any trail has it. */
  readonly hash: string;
}

/** The next change set behind a position with a key that matches; otherwise the record up to which there is none. */
export async function nextChangeSet(
  db: Kysely<Tables>,
  position: number,
  patterns: readonly string[],
): Promise<ChangeSet | number> {
  const records = await db
    .selectFrom('config_audit_log')
    .select(['id', 'key', 'operation', 'epoch', 'revision', 'log_hash'])
    .where('id', '>', String(position))
    .orderBy('id')
    .limit(SCANNED_RECORDS)
    .execute();
  const match = records.find(
    ({ key, operation }) =>
      key !== null && operation !== 'REVEAL' && patterns.some((pattern) => matchesPattern(pattern, key)),
  );
  if (match === undefined) return Number(records.at(-1)?.id ?? position);
  const {
    first_id: firstId,
    last_id: lastId,
    value_bytes: valueBytes,
  } = await db
    .selectFrom('config_audit_log')
    .select(({ fn }) => [
      fn.min<string>('id').as('first_id'),
      fn.max<string>('id').as('last_id'),
      sql<string>`sum(coalesce(octet_length(old_values), 0) + coalesce(octet_length(new_values), 0))`.as('value_bytes'),
    ])
    .where('epoch', '=', match.epoch)
    .where('revision', '=', match.revision)
    .where('log_hash', '=', match.log_hash)
    .where('operation', '!=', 'GAP')
    .where('id', '>', String(position))
    .executeTakeFirstOrThrow();
  const first = db.selectFrom('config_audit_log').select('hash').where('id', '=', firstId);
  const { hash } = await first.executeTakeFirstOrThrow();
  return { firstId: Number(firstId), lastId: Number(lastId), valueBytes: Number(valueBytes), hash };
}

/** Of a change set, for a webhook: the same whenever it is found. */
export function deliveryIdOf(webhookId: string, hash: string): string {
  return createHash('sha256').update(`${webhookId}.${hash}`).digest('hex').slice(0, 32);
}
