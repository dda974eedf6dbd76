import { SECRET_MASK } from '@mutt/dynamic-config';
import { matchesPattern } from '@mutt/dynamic-config/key-pattern';
import { valueIn } from '../audit/audit-record.ts';
import type { Database } from '../database/database.ts';
import type { DueDelivery } from './webhook.ts';

/** Of a body with all values. Larger ones tell the keys only: receivers rarely take more. */
const MOST_VALUE_BYTES = 1024 * 1024;

/**
 * What is sent of a change set: the changes whose keys match, with the values of secrets masked.
 *
 * @returns JSON; null where the trail has its records no more.
 */
export async function changeBody(
  database: Database,
  { id, keys, firstId, lastId, valueBytes }: DueDelivery,
  secretKeys: ReadonlySet<string>,
): Promise<string | null> {
  const areValuesOmitted = valueBytes > MOST_VALUE_BYTES;
  const values = areValuesOmitted ? [] : (['old_values', 'new_values'] as const);
  const rows = await database.run((db) =>
    db
      .selectFrom('config_audit_log')
      .select(['key', 'epoch', 'revision', 'changed_at', 'changed_by', 'reason', 'source', 'correlation_id', ...values])
      .where('id', '>=', String(firstId))
      .where('id', '<=', String(lastId))
      .orderBy('id')
      .execute(),
  );
  const [first] = rows;
  if (first === undefined) return null;
  const show = (key: string, kept: string | null): string | null => {
    const value = valueIn(kept);
    return value !== null && secretKeys.has(key) ? SECRET_MASK : value;
  };
  const changes = rows.flatMap(({ key, old_values: old, new_values: now }) => {
    if (key === null || !keys.some((pattern) => matchesPattern(pattern, key))) return [];
    return [areValuesOmitted ? { key } : { key, old_value: show(key, old), new_value: show(key, now) }];
  });
  return JSON.stringify({
    id,
    type: 'config.changed',
    epoch: first.epoch,
    revision: Number(first.revision),
    changed_at: first.changed_at.toISOString(),
    changed_by: first.changed_by,
    reason: first.reason,
    source: first.source,
    correlation_id: first.correlation_id,
    ...(areValuesOmitted && { values_omitted: true }),
    changes,
  });
}

/** What a test sends. */
export function pingBody(id: string, nowMs: number): string {
  return JSON.stringify({ id, type: 'ping', sent_at: new Date(nowMs).toISOString() });
}
