import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** API keys: only their hashes, so whoever reads the table can't use them. */
export const apiKey: Migration = {
  async up(db) {
    await sql`
    create table api_key (
      id text primary key,
      name text not null unique,
      role text not null,
      hash bytea not null unique,
      created_at timestamptz not null
    )`.execute(db);
  },
};
