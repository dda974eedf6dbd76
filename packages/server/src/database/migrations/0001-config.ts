import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** Entries, where they stand, and the log of how they came to be. */
export const config: Migration = {
  async up(db) {
    await sql`
    create table config_head (
      only_row boolean primary key default true check (only_row),
      epoch text not null,
      revision bigint not null,
      hash text not null
    )`.execute(db);
    await sql`insert into config_head (epoch, revision, hash) values ('', 0, '')`.execute(db);
    await sql`
    create table config_entry (
      key text primary key,
      value bytea not null,
      revision bigint not null,
      changed_at timestamptz not null,
      changed_by text not null
    )`.execute(db);
    await sql`
    create table config_log (
      revision bigint primary key,
      epoch text not null,
      previous_hash text not null,
      hash text not null,
      changed_at timestamptz not null,
      changed_by text,
      reason text,
      source text not null,
      request_id text unique,
      changes text not null
    )`.execute(db);
  },
};
