import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import { matchesPattern } from '../key-pattern.ts';
import { GIVE_UP_MS, retryDelayMs } from './retry-delay.ts';
import type { Delivery, DueDelivery, Outcome } from './webhook.ts';

/** Of a webhook; older ones are forgotten. */
const KEPT_DELIVERIES = 100;
/** Far longer than an attempt may take: a worker that died is replaced after so long. */
const LEASE = sql.raw("interval '60 seconds'");
/** Looked at in one transaction: nobody waits long for it. */
const SCANNED_RECORDS = 2_000;

export interface DeliveryQueueOptions {
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * - a delivery, due now
 * - `more`: none found yet in as many records as are looked at at once
 * - `none`: nothing is due, or somebody else delivers
 */
export type Claim = DueDelivery | 'more' | 'none';

/**
 * What is to be delivered to whom: the audit trail is the queue, and each webhook has its place in it. The place moves
 * when a change set was delivered, so it does not matter when this is killed; and a change set keeps its delivery id, so
 * that receivers can tell what they had before.
 *
 * Any number of servers may share a database: who delivers to a webhook holds a lease on it.
 */
export class DeliveryQueue {
  readonly #options: DeliveryQueueOptions;
  /** Of the leases that are held here. */
  readonly #owner = randomUUID();

  constructor(options: DeliveryQueueOptions) {
    this.#options = options;
  }

  /** The webhooks for which there is something to do and nobody does it; and how long until there is more, at most. */
  async due(): Promise<{ readonly webhookIds: readonly string[]; readonly nextInMs: number | null }> {
    const now = this.#options.now();
    const rows = await this.#options.database.run((db) =>
      db
        .selectFrom('webhook')
        .leftJoin('webhook_delivery', (join) =>
          join
            .onRef('webhook_delivery.webhook_id', '=', 'webhook.id')
            .on('webhook_delivery.type', '=', 'config.changed')
            .on('webhook_delivery.status', '=', 'pending'),
        )
        .select(['webhook.id', 'webhook_delivery.next_attempt_at'])
        .where('webhook.state', '=', 'enabled')
        .where(sql<boolean>`(leased_by = ${this.#owner} or leased_until is null or leased_until < clock_timestamp())`)
        .where(sql<boolean>`(webhook_delivery.id is not null or position < (select id from audit_head))`)
        // Whoever waited longest is first, where there are more than can be served at once.
        .orderBy('webhook_delivery.next_attempt_at')
        .execute(),
    );
    const waits = rows.map(({ next_attempt_at: at }) => (at === null ? 0 : Math.max(0, at.getTime() - now)));
    const later = waits.filter((ms) => ms > 0);
    return {
      webhookIds: rows.filter((_, n) => waits[n] === 0).map(({ id }) => id),
      nextInMs: later.length === 0 ? null : Math.min(...later),
    };
  }

  /** The next delivery of a webhook, in the order of the trail, under a lease. */
  async claim(webhookId: string): Promise<Claim> {
    return this.#options.database.run((db) =>
      db.transaction().execute(async (transaction) => {
        const webhook = await transaction
          .updateTable('webhook')
          .set({ leased_by: this.#owner, leased_until: sql`clock_timestamp() + ${LEASE}` })
          .where('id', '=', webhookId)
          .where('state', '=', 'enabled')
          .where(sql<boolean>`(leased_by = ${this.#owner} or leased_until is null or leased_until < clock_timestamp())`)
          .returning(['url', 'secret', 'keys', 'position'])
          .executeTakeFirst();
        if (webhook === undefined) return 'none';
        const { url, secret, position } = webhook;
        const keys = JSON.parse(webhook.keys) as string[];
        const pending = await this.#pending(transaction, webhookId);
        if (pending === 'later') return 'none';
        if (pending !== null) return { webhookId, url, secret, keys, ...pending };
        const next = await nextChangeSet(transaction, Number(position), keys);
        if (typeof next === 'number') {
          const isMoved = next > Number(position);
          if (isMoved) await moveTo(transaction, webhookId, next);
          return isMoved ? 'more' : 'none';
        }
        const { hash, ...found } = next;
        const id = deliveryIdOf(webhookId, hash);
        await this.#add(transaction, webhookId, id, found);
        return { id, webhookId, url, secret, keys, ...found, attempts: 0, firstAttemptAtMs: null };
      }),
    );
  }

  /** Notes what came of an attempt. Resolves with whether the delivery was given up by it. */
  async note(delivery: DueDelivery, outcome: Outcome): Promise<'noted' | 'given up'> {
    const { now, random, database } = this.#options;
    const { id, webhookId, lastId } = delivery;
    const attempts = delivery.attempts + 1;
    const firstAttemptAtMs = delivery.firstAttemptAtMs ?? now();
    const isGivenUp = !outcome.isDelivered && now() - firstAttemptAtMs >= GIVE_UP_MS;
    const nextMs = outcome.isDelivered || isGivenUp ? null : now() + retryDelayMs(attempts, random());
    await database.run((db) =>
      db.transaction().execute(async (transaction) => {
        const noted = await transaction
          .updateTable('webhook_delivery')
          .set({
            status: outcome.isDelivered ? 'delivered' : isGivenUp ? 'failed' : 'pending',
            attempts,
            first_attempt_at: new Date(firstAttemptAtMs),
            last_attempt_at: new Date(now()),
            next_attempt_at: nextMs === null ? null : new Date(nextMs),
            response_status: outcome.responseStatus,
            error: outcome.isDelivered ? null : outcome.error,
          })
          .where('id', '=', id)
          .where('status', '=', 'pending')
          .executeTakeFirst();
        // Skipped meanwhile, or deleted.
        if (noted.numUpdatedRows === 0n) return;
        if (outcome.isDelivered) await moveTo(transaction, webhookId, lastId);
        if (isGivenUp) {
          const failing = transaction.updateTable('webhook').set({ state: 'failing' }).where('id', '=', webhookId);
          await failing.where('state', '=', 'enabled').execute();
        }
        await forgetOld(transaction, webhookId);
      }),
    );
    return isGivenUp ? 'given up' : 'noted';
  }

  /** Passes over a delivery whose records the trail has dropped by age. */
  async drop({ id, webhookId, lastId }: DueDelivery): Promise<void> {
    await this.#options.database.run((db) =>
      db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('webhook_delivery')
          .set({ status: 'skipped', next_attempt_at: null, error: 'Its audit records were dropped by age.' })
          .where('id', '=', id)
          .execute();
        await moveTo(transaction, webhookId, lastId);
      }),
    );
  }

  /** Gives a webhook to whoever is next. */
  async release(webhookId: string): Promise<void> {
    await this.#options.database.run((db) =>
      db
        .updateTable('webhook')
        .set({ leased_by: null, leased_until: null })
        .where('id', '=', webhookId)
        .where('leased_by', '=', this.#owner)
        .execute(),
    );
  }

  /** Notes a ping, which has no place in the order and is tried once. */
  async notePing(webhookId: string, id: string, outcome: Outcome): Promise<Delivery> {
    const now = new Date(this.#options.now());
    return this.#options.database.run((db) =>
      db.transaction().execute(async (transaction) => {
        const row = {
          id,
          webhook_id: webhookId,
          type: 'ping' as const,
          status: outcome.isDelivered ? ('delivered' as const) : ('failed' as const),
          created_at: now,
          attempts: 1,
          first_attempt_at: now,
          last_attempt_at: now,
          next_attempt_at: null,
          response_status: outcome.responseStatus,
          error: outcome.isDelivered ? null : outcome.error,
        };
        // Unless the webhook was deleted meanwhile.
        const webhook = transaction.selectFrom('webhook').select('id').where('id', '=', webhookId);
        if ((await webhook.forUpdate().executeTakeFirst()) !== undefined) {
          await transaction.insertInto('webhook_delivery').values(row).execute();
          await forgetOld(transaction, webhookId);
        }
        return toDelivery({ ...row, epoch: null, revision: null });
      }),
    );
  }

  /** The last deliveries of a webhook, the newest first. */
  async recent(webhookId: string): Promise<Delivery[]> {
    const rows = await this.#options.database.run((db) =>
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

  /** The delivery that must be through before any other. */
  async #pending(
    db: Kysely<Tables>,
    webhookId: string,
  ): Promise<Omit<DueDelivery, 'webhookId' | 'url' | 'secret' | 'keys'> | 'later' | null> {
    const row = await db
      .selectFrom('webhook_delivery')
      .select(['id', 'first_id', 'last_id', 'value_bytes', 'attempts', 'first_attempt_at', 'next_attempt_at'])
      .where('webhook_id', '=', webhookId)
      .where('type', '=', 'config.changed')
      .where('status', '=', 'pending')
      .executeTakeFirst();
    if (row === undefined) return null;
    if (row.next_attempt_at !== null && row.next_attempt_at.getTime() > this.#options.now()) return 'later';
    return {
      id: row.id,
      firstId: Number(row.first_id),
      lastId: Number(row.last_id),
      valueBytes: Number(row.value_bytes),
      attempts: row.attempts,
      firstAttemptAtMs: row.first_attempt_at?.getTime() ?? null,
    };
  }

  async #add(db: Kysely<Tables>, webhookId: string, id: string, found: Omit<ChangeSet, 'hash'>): Promise<void> {
    const now = new Date(this.#options.now());
    await db
      .insertInto('webhook_delivery')
      .values({
        id,
        webhook_id: webhookId,
        type: 'config.changed',
        status: 'pending',
        first_id: found.firstId,
        last_id: found.lastId,
        value_bytes: found.valueBytes,
        created_at: now,
        attempts: 0,
        next_attempt_at: now,
      })
      .execute();
  }
}

/** The records of one change set, matching or not. */
interface ChangeSet {
  readonly firstId: number;
  readonly lastId: number;
  readonly valueBytes: number;
  /** Of its first record: no other change set of any trail has it. */
  readonly hash: string;
}

/** The next change set behind a position with a key that matches; otherwise the record up to which there is none. */
async function nextChangeSet(
  db: Kysely<Tables>,
  position: number,
  patterns: readonly string[],
): Promise<ChangeSet | number> {
  const records = await db
    .selectFrom('config_audit_log')
    .select(['id', 'key', 'epoch', 'revision', 'log_hash'])
    .where('id', '>', String(position))
    .orderBy('id')
    .limit(SCANNED_RECORDS)
    .execute();
  const match = records.find(({ key }) => key !== null && patterns.some((pattern) => matchesPattern(pattern, key)));
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

async function moveTo(db: Kysely<Tables>, webhookId: string, position: number): Promise<void> {
  const query = db.updateTable('webhook').set({ position }).where('id', '=', webhookId);
  await query.where('position', '<', String(position)).execute();
}

async function forgetOld(db: Kysely<Tables>, webhookId: string): Promise<void> {
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

function deliveryIdOf(webhookId: string, hash: string): string {
  return createHash('sha256').update(`${webhookId}.${hash}`).digest('hex').slice(0, 32);
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
