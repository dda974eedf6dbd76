import type { Logger } from '@mutt/dynamic-config';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { selectAuditHead } from './audit-trail.ts';
import { baselineHash } from './baseline-hash.ts';

/** Dropped in one transaction, so that nobody waits long. */
const STEP = 5_000;

/**
 * Drops records from before a time, and keeps what the keys held then, and the hash that the first record that is kept
 * refers to: the chain can be verified from there.
 *
 * @returns how many were dropped.
 */
export async function dropBefore(database: Database, time: Date): Promise<number> {
  let dropped = 0;
  for (;;) {
    const step = await dropStep(database, time);
    dropped += step;
    if (step < STEP) return dropped;
  }
}

const EVERY_MS = 60 * 60 * 1000;
const DAY_MS = 24 * EVERY_MS;

/** Drops what is too old, now and every hour. Returns how to stop. */
export function keepRetention(
  { database }: { readonly database: Database },
  days: number | undefined,
  logger: Logger,
): () => Promise<void> {
  if (days === undefined) return async () => {};
  let dropping: Promise<unknown> = Promise.resolve();
  const drop = (): void => {
    dropping = dropBefore(database, new Date(Date.now() - days * DAY_MS)).catch((error: unknown) =>
      logger.warn(`Old audit records cannot be dropped: ${(error as Error).message}`),
    );
  };
  drop();
  const timer = setInterval(drop, EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await dropping;
  };
}

async function dropStep(database: Database, time: Date): Promise<number> {
  return database.run((db) =>
    db.transaction().execute(async (transaction) => {
      const { anchor, id } = await selectAuditHead(transaction, 'for update');
      const first = await transaction
        .selectFrom('config_audit_log')
        .select('id')
        .where('changed_at', '>=', time)
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      // The last record stays: it says what the next one follows.
      const end = Math.min(first === undefined ? id - 1 : Number(first.id) - 1, anchor.id + STEP);
      if (end <= anchor.id) return 0;
      await sql`
        insert into audit_baseline (key, value, epoch, revision, changed_at, changed_by)
        select distinct on (key) key, coalesce((new_values::json -> 'value')::text, ''), epoch, revision, changed_at, changed_by
        from config_audit_log where id <= ${String(end)}::bigint and key is not null and operation <> 'REVEAL'
        order by key, id desc
        on conflict (key) do update set value = excluded.value, epoch = excluded.epoch, revision = excluded.revision,
          changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(transaction);
      // A deletion leaves nothing.
      await transaction.deleteFrom('audit_baseline').where('value', '=', '').execute();
      const last = await transaction
        .selectFrom('config_audit_log')
        .select('hash')
        .where('id', '=', String(end))
        .executeTakeFirstOrThrow();
      await transaction.deleteFrom('config_audit_log').where('id', '<=', String(end)).execute();
      await transaction
        .updateTable('audit_head')
        .set({
          anchor_id: end,
          anchor_hash: last.hash,
          anchored_at: new Date(),
          baseline_hash: await baselineHash(transaction),
        })
        .execute();
      return end - anchor.id;
    }),
  );
}
