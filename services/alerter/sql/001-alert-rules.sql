-- Where alerters with RULES_DATABASE_URL read their rules: psql "$RULES_DATABASE_URL" -f 001-alert-rules.sql
-- What a table cannot check, such as a pattern, the alerter does: it refuses the one rule, by name.

create table if not exists alert_rules (
  name          text primary key,
  match_type    text not null check (match_type in ('contains', 'regex', 'oid_prefix')),
  match         text not null,
  priority      integer not null,
  prod_handling text not null check (prod_handling in ('page', 'ticket', 'ignore')),
  dev_handling  text not null check (dev_handling in ('page', 'ticket', 'ignore')),
  team          text not null,
  -- Rules of the same priority are asked in this order.
  position      bigint generated always as identity
);

create table if not exists dev_hosts (
  -- A name, or *. and the end of names: *.dev.example
  host text primary key
);
