import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import { selectAuditHead } from '../audit/audit-trail.ts';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import type { Receiver, Webhook } from './webhook.ts';

export interface NewWebhook {
  readonly url: string;
  readonly keys: readonly string[];
  readonly description: string | null;
  readonly secret: string;
  readonly createdBy: string;
}

export interface WebhookUpdate {
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  readonly isEnabled?: boolean | undefined;
  /** Gives up what it was not told of so far. */
  readonly skipBacklog?: boolean | undefined;
}

/** A webhook, and how it does. */
export interface SeenWebhook extends Webhook {
  /** Audit records behind its position, whether they match or not. */
  readonly backlog: number;
  /** Of the delivery that it waits for; null: none. */
  readonly waiting: {
    readonly attempts: number;
    readonly nextAttemptAtMs: number | null;
    readonly error: string | null;
  } | null;
}

/** The webhooks, as operators manage them. */
export class WebhookList {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  async all(): Promise<SeenWebhook[]> {
    return this.#database.run(async (db) => {
      const rows = await db.selectFrom('webhook').selectAll().orderBy('created_at').orderBy('id').execute();
      return seen(db, rows);
    });
  }

  /** null: there is none. */
  async find(id: string): Promise<SeenWebhook | null> {
    return this.#database.run((db) => find(db, id));
  }

  async receiver(id: string): Promise<Receiver | null> {
    const query = (db: Kysely<Tables>) =>
      db.selectFrom('webhook').select(['url', 'secret']).where('id', '=', id).executeTakeFirst();
    const row = await this.#database.run(query);
    return row === undefined ? null : { webhookId: id, ...row };
  }

  /** Adds one, unless there are `most` already: then null. It is told of what changes from now on. */
  async add({ keys, createdBy, ...given }: NewWebhook, most: number): Promise<SeenWebhook | null> {
    const id = randomUUID();
    return this.#database.run((db) =>
      db.transaction().execute(async (transaction) => {
        // Whoever adds, or records a change, waits for it: so neither is the limit passed nor a change missed.
        const { id: position } = await selectAuditHead(transaction, 'for update');
        const { count } = await transaction
          .selectFrom('webhook')
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= most) return null;
        await transaction
          .insertInto('webhook')
          .values({
            id,
            ...given,
            keys: JSON.stringify(keys),
            state: 'enabled',
            position,
            created_at: new Date(this.#now()),
            created_by: createdBy,
            leased_by: null,
            leased_until: null,
          })
          .execute();
        return find(transaction, id);
      }),
    );
  }

  /** null: there is none. */
  async update(id: string, { url, description, isEnabled, skipBacklog }: WebhookUpdate): Promise<SeenWebhook | null> {
    return this.#database.run((db) =>
      db.transaction().execute(async (transaction) => {
        const query = transaction.selectFrom('webhook').select(['url', 'description', 'state']).where('id', '=', id);
        const row = await query.forUpdate().executeTakeFirst();
        if (row === undefined) return null;
        const state = isEnabled === undefined ? row.state : isEnabled ? 'enabled' : 'disabled';
        await transaction
          .updateTable('webhook')
          .set({ url: url ?? row.url, description: description === undefined ? row.description : description, state })
          .where('id', '=', id)
          .execute();
        if (skipBacklog === true) await skip(transaction, id);
        else if (isEnabled === true || url !== undefined) await this.#tryAgain(transaction, id);
        return find(transaction, id);
      }),
    );
  }

  /** Whether there was one. */
  async remove(id: string): Promise<boolean> {
    const query = (db: Kysely<Tables>) => db.deleteFrom('webhook').where('id', '=', id).executeTakeFirst();
    return (await this.#database.run(query)).numDeletedRows > 0n;
  }

  /** What is not delivered is due at once, as if it had never been tried. */
  async #tryAgain(db: Kysely<Tables>, id: string): Promise<void> {
    await db
      .updateTable('webhook_delivery')
      .set({ status: 'pending', attempts: 0, first_attempt_at: null, next_attempt_at: new Date(this.#now()) })
      .where('webhook_id', '=', id)
      .where('type', '=', 'config.changed')
      .where('status', 'in', ['pending', 'failed'])
      .execute();
  }
}

async function skip(db: Kysely<Tables>, id: string): Promise<void> {
  const { id: position } = await selectAuditHead(db);
  await db.updateTable('webhook').set({ position }).where('id', '=', id).execute();
  await db
    .updateTable('webhook_delivery')
    .set({ status: 'skipped', next_attempt_at: null })
    .where('webhook_id', '=', id)
    .where('type', '=', 'config.changed')
    .where('status', 'in', ['pending', 'failed'])
    .execute();
}

async function find(db: Kysely<Tables>, id: string): Promise<SeenWebhook | null> {
  const rows = await db.selectFrom('webhook').selectAll().where('id', '=', id).execute();
  return (await seen(db, rows))[0] ?? null;
}

async function seen(db: Kysely<Tables>, rows: readonly Selectable<Tables['webhook']>[]): Promise<SeenWebhook[]> {
  if (rows.length === 0) return [];
  const { id: end } = await selectAuditHead(db);
  const undelivered = await db
    .selectFrom('webhook_delivery')
    .select(['webhook_id', 'attempts', 'next_attempt_at', 'error'])
    .where('type', '=', 'config.changed')
    .where('status', 'in', ['pending', 'failed'])
    .where('webhook_id', '=', sql<string>`any(${rows.map(({ id }) => id)}::text[])`)
    .execute();
  return rows.map((row) => {
    const delivery = undelivered.find(({ webhook_id: id }) => id === row.id);
    return {
      id: row.id,
      url: row.url,
      keys: JSON.parse(row.keys) as string[],
      description: row.description,
      state: row.state,
      position: Number(row.position),
      createdAtMs: row.created_at.getTime(),
      createdBy: row.created_by,
      backlog: Math.max(0, end - Number(row.position)),
      waiting:
        delivery === undefined
          ? null
          : {
              attempts: delivery.attempts,
              nextAttemptAtMs: delivery.next_attempt_at?.getTime() ?? null,
              error: delivery.error,
            },
    };
  });
}
