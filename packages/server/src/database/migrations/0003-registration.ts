import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** What services declare of their settings. */
export const registration: Migration = {
  async up(db) {
    await sql`
    create table settings_registration (
      id text primary key,
      registration text not null,
      registered_at timestamptz not null,
      seen_at timestamptz not null
    )`.execute(db);
  },
};
