import { decodeRegistrations, encodeRegistration, MOST_REGISTRATIONS } from '@mutt/dynamic-config';
import type { Registration, Registrations } from '@mutt/dynamic-config';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';

export async function saveRegistration(db: Kysely<Tables>, registration: Registration): Promise<void> {
  const { id, text } = encodeRegistration(registration);
  const now = new Date();
  await db
    .insertInto('settings_registration')
    .values({ id, registration: text, registered_at: now, seen_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: now }))
    .execute();
  const latest = db
    .selectFrom('settings_registration')
    .select('id')
    .orderBy('seen_at', 'desc')
    .limit(MOST_REGISTRATIONS);
  await db.deleteFrom('settings_registration').where('id', 'not in', latest).execute();
}

export async function selectRegistrations(db: Kysely<Tables>): Promise<Registrations> {
  const rows = await db.selectFrom('settings_registration').selectAll().execute();
  const stored = rows.map(({ registration, registered_at: registeredAt, seen_at: seenAt }) => ({
    text: registration,
    registeredAtMs: registeredAt.getTime(),
    seenAtMs: seenAt.getTime(),
  }));
  return decodeRegistrations(Date.now(), stored);
}
