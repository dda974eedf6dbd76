import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import { forgetOld } from './delivery-log.ts';
import { deliveryIdOf, nextChangeSet } from './next-change-set.ts';
import type { ChangeSet } from './next-change-set.ts';
import { GIVE_UP_MS, retryDelayMs } from './retry-delay.ts';
import type { DueDelivery, Outcome } from './webhook.ts';

/** Far longer than an attempt may take: a worker that died is replaced after so long. */
const LEASE = sql.raw("interval '60 seconds'");

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
        await lock(transaction, webhookId);
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
        await lock(transaction, webhookId);
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

/** Everybody locks a webhook before its deliveries, so that nobody waits for each other. */
async function lock(db: Kysely<Tables>, webhookId: string): Promise<void> {
  await db.selectFrom('webhook').select('id').where('id', '=', webhookId).forUpdate().execute();
}

async function moveTo(db: Kysely<Tables>, webhookId: string, position: number): Promise<void> {
  const query = db.updateTable('webhook').set({ position }).where('id', '=', webhookId);
  await query.where('position', '<', String(position)).execute();
}
