import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Migration } from 'kysely';

/** The audit trail, where it stands, and what it began with once its oldest records are dropped. */
export const audit: Migration = {
  async up(db) {
    await sql`alter table config_log add column correlation_id text`.execute(db);
    await sql`
    create table config_audit_log (
      id bigint primary key,
      changed_at timestamptz(3) not null,
      changed_by text,
      operation text not null,
      table_name text not null,
      record_id bigint,
      old_values text,
      new_values text,
      reason text,
      correlation_id text,
      epoch text not null,
      revision bigint not null,
      key text,
      source text not null,
      log_hash text not null,
      previous_hash text not null,
      hash text not null,
      search tsvector not null
    )`.execute(db);
    for (const columns of [
      'key, id',
      'changed_by, id',
      'operation, id',
      'source, id',
      'changed_at, id',
      'epoch, revision',
      'log_hash',
    ]) {
      await sql`create index on config_audit_log (${sql.raw(columns)})`.execute(db);
    }
    await sql`create index on config_audit_log using gin (search)`.execute(db);
    await sql`
    create table audit_head (
      only_row boolean primary key default true check (only_row),
      trail_id text not null,
      id bigint not null,
      hash text not null,
      epoch text not null,
      revision bigint not null,
      log_hash text not null,
      anchor_id bigint not null,
      anchor_hash text not null,
      anchored_at timestamptz,
      baseline_hash text not null default ''
    )`.execute(db);
    await sql`
    insert into audit_head (trail_id, id, hash, epoch, revision, log_hash, anchor_id, anchor_hash)
    values (${randomUUID()}, 0, '', '', 0, '', 0, '')`.execute(db);
    await sql`
    create table audit_signing_key (
      only_row boolean primary key default true check (only_row),
      private_key text not null,
      public_key text not null
    )`.execute(db);
    await sql`create table audit_key (key text primary key)`.execute(db);
    await sql`
    create table audit_baseline (
      key text primary key,
      value text not null,
      epoch text not null,
      revision bigint not null,
      changed_at timestamptz not null,
      changed_by text
    )`.execute(db);
  },
};
