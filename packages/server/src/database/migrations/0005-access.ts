import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** Who may do what: limits of API keys; users, their sessions, and the link for the first of them. Of secrets only hashes. */
export const access: Migration = {
  async up(db) {
    await sql`
    alter table api_key
      add column key_patterns text,
      add column reads_secrets boolean not null default true,
      add column expires_at timestamptz,
      add column last_used_at timestamptz,
      add column created_by text`.execute(db);
    await sql`
    create table user_account (
      id text primary key,
      name text not null unique,
      password_hash text not null,
      role text not null,
      key_patterns text,
      reads_secrets boolean not null,
      is_disabled boolean not null,
      created_at timestamptz not null,
      created_by text not null
    )`.execute(db);
    await sql`
    create table user_session (
      id text primary key,
      hash bytea not null unique,
      user_id text not null references user_account (id) on delete cascade,
      created_at timestamptz not null,
      last_seen_at timestamptz not null,
      expires_at timestamptz not null,
      address text not null,
      user_agent text
    )`.execute(db);
    await sql`create index user_session_user_id on user_session (user_id)`.execute(db);
    await sql`
    create table sign_in_link (
      hash bytea primary key,
      expires_at timestamptz not null
    )`.execute(db);
  },
};
