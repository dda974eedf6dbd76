import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import type { Delivery, Outcome } from './webhook.ts';

/** Of a webhook; older ones are forgotten. */
const KEPT_DELIVERIES = 100;

/** The last deliveries of a webhook, the newest first. */
export async function recentDeliveries(database: Database, webhookId: string): Promise<Delivery[]> {
  const rows = await database.run((db) =>
    db
      .selectFrom('webhook_delivery')
      .leftJoin('config_audit_log', 'config_audit_log.id', 'webhook_delivery.first_id')
      .selectAll('webhook_delivery')
      .select(['config_audit_log.epoch', 'config_audit_log.revision'])
      .where('webhook_id', '=', webhookId)
      .orderBy('number', 'desc')
      .limit(KEPT_DELIVERIES)
      .execute(),
  );
  return rows.map(toDelivery);
}

export interface Ping {
  readonly id: string;
  readonly webhookId: string;
  readonly atMs: number;
  readonly outcome: Outcome;
}

/** Notes a ping, which has no place in the order and is tried once. */
export async function notePing(database: Database, { id, webhookId, atMs, outcome }: Ping): Promise<Delivery> {
  const at = new Date(atMs);
  const row = {
    id,
    webhook_id: webhookId,
    type: 'ping' as const,
    status: outcome.isDelivered ? ('delivered' as const) : ('failed' as const),
    created_at: at,
    attempts: 1,
    first_attempt_at: at,
    last_attempt_at: at,
    next_attempt_at: null,
    response_status: outcome.responseStatus,
    error: outcome.isDelivered ? null : outcome.error,
  };
  await database.run((db) =>
    db.transaction().execute(async (transaction) => {
      const webhook = transaction.selectFrom('webhook').select('id').where('id', '=', webhookId);
      // Deleted meanwhile.
      if ((await webhook.forUpdate().executeTakeFirst()) === undefined) return;
      await transaction.insertInto('webhook_delivery').values(row).execute();
      await forgetOld(transaction, webhookId);
    }),
  );
  return toDelivery({ ...row, epoch: null, revision: null });
}

export async function forgetOld(db: Kysely<Tables>, webhookId: string): Promise<void> {
  const oldest = db
    .selectFrom('webhook_delivery')
    .select('number')
    .where('webhook_id', '=', webhookId)
    .orderBy('number', 'desc')
    .offset(KEPT_DELIVERIES - 1)
    .limit(1);
  await db
    .deleteFrom('webhook_delivery')
    .where('webhook_id', '=', webhookId)
    .where('status', 'in', ['delivered', 'skipped', 'failed'])
    // What was given up is taken up again when the webhook is enabled.
    .where(sql<boolean>`not (type = 'config.changed' and status = 'failed')`)
    .where('number', '<', oldest)
    .execute();
}

interface DeliveryRow {
  readonly id: string;
  readonly type: Delivery['type'];
  readonly status: Delivery['status'];
  readonly epoch: string | null;
  readonly revision: string | null;
  readonly created_at: Date;
  readonly attempts: number;
  readonly last_attempt_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly response_status: number | null;
  readonly error: string | null;
}

function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    type: row.type,
    status: row.status,
    epoch: row.epoch,
    revision: row.revision === null ? null : Number(row.revision),
    createdAtMs: row.created_at.getTime(),
    attempts: row.attempts,
    lastAttemptAtMs: row.last_attempt_at?.getTime() ?? null,
    nextAttemptAtMs: row.next_attempt_at?.getTime() ?? null,
    responseStatus: row.response_status,
    error: row.error,
  };
}
