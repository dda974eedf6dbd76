import type { PostgresServer } from '../test/support/postgres-server.ts';

/** The newest of them. */
export const NEWEST_MS = Date.parse('2026-06-01T00:00:00Z');
export const STEP_MS = 30_000;
const KEYS = 2_000;

/**
 * Fills the audit trail with so many records: 2,000 keys, some of which change all the time; 40 people, the first of whom
 * makes half of the changes and the last of whom a few, long ago; deletions few, creations old.
 */
export async function fillTrail({ query }: Pick<PostgresServer, 'query'>, rows: number): Promise<void> {
  // Made afterwards, as a restored backup does: several times as fast.
  const indexes = await query<{ name: string; definition: string }>(`
      select indexname as name, indexdef as definition from pg_indexes
      where tablename = 'config_audit_log' and indexname <> 'config_audit_log_pkey'`);
  for (const { name } of indexes) await query(`drop index ${name}`);
  const BLOCK = 50_000;
  for (let from = 1; from <= rows; from += BLOCK) {
    await query(`
      insert into config_audit_log (id, changed_at, changed_by, operation, table_name, record_id, old_values, new_values,
        reason, correlation_id, epoch, revision, key, source, log_hash, previous_hash, hash, search)
      select id, changed_at, changed_by, operation, 'runtime_config', 1,
        case when operation = 'CREATE' then null else json_build_object('key', key, 'value', id - 1)::text end,
        case when operation = 'DELETE' then null else json_build_object('key', key, 'value', id)::text end,
        reason, 'ticket-' || id, 'epoch', id, key, source, md5(id::text), md5((id - 1)::text), md5(id::text),
        array_to_tsvector(array_remove(
          string_to_array(replace(concat_ws(' ', key, changed_by, reason, 'ticket', id), '_', ' '), ' '), ''))
      from (
        select id, key, changed_at,
          case when id < ${KEYS} then 'CREATE' when id % 997 = 0 then 'DELETE' when id < ${Math.floor(rows / 4)} and id % 5 = 0 then 'CREATE' else 'UPDATE' end as operation,
          case when id % 211 = 0 then null when id < 5000 and id % 50 = 0 then 'person_39' when id % 2 = 0 then 'person_0' else 'person_' || (id * 7919 % 39) end as changed_by,
          case when id % 211 = 0 then 'out-of-band' else 'commit' end as source,
          case when id % 3 = 0 then 'incident ' || (id % 5000) when id % 3 = 1 then 'routine change' else null end as reason
        from (
          select id,
            '${new Date(NEWEST_MS).toISOString()}'::timestamptz - (${rows} - id) * interval '${STEP_MS} milliseconds' as changed_at,
            -- The lower, the more often; one in three belongs to the forwarder.
            (case n % 3 when 0 then 'moog_' when 1 then 'alerter_' else 'ingestor_' end)
              || (case when n % 7 = 0 then 'limit_' else 'setting_' end) || n || (case when n % 100 = 0 then '_rare' else '_mode' end) as key
          from (select id, floor(${KEYS} * pow((id * 2654435761 % 1000003) / 1000003.0::float8, 2))::int as n
            from generate_series(${from}::bigint, ${Math.min(rows, from + BLOCK - 1)}) as id) as numbered
        ) as keyed
      ) as told`);
  }
  for (const { definition } of indexes) await query(definition);
  await query('insert into audit_key (key) select distinct key from config_audit_log');
  await query(`update audit_head set id = ${rows}`);
  await query('vacuum analyze');
}
