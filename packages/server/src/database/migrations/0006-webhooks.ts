import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** Who is told of changes, how far in the audit trail, and what was sent last. */
export const webhooks: Migration = {
  async up(db) {
    await sql`
    create table webhook (
      id text primary key,
      url text not null,
      keys text not null,
      description text,
      secret text not null,
      state text not null,
      position bigint not null,
      created_at timestamptz not null,
      created_by text not null,
      leased_by text,
      leased_until timestamptz
    )`.execute(db);
    await sql`
    create table webhook_delivery (
      number bigint generated always as identity primary key,
      id text not null unique,
      webhook_id text not null references webhook on delete cascade,
      type text not null,
      status text not null,
      first_id bigint,
      last_id bigint,
      value_bytes bigint,
      created_at timestamptz not null,
      attempts integer not null,
      first_attempt_at timestamptz,
      last_attempt_at timestamptz,
      next_attempt_at timestamptz,
      response_status integer,
      error text
    )`.execute(db);
    await sql`create index on webhook_delivery (webhook_id, number)`.execute(db);
    await sql`create index on webhook_delivery (webhook_id) where status = 'pending'`.execute(db);
  },
};
