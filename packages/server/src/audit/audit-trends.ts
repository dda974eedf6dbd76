import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';
import { valueIn } from './audit-record.ts';

/** Looked at of each key: as many as a small plot can show. */
const MOST_VALUES = 24;
/** What is longer, as a record keeps it, is no number. */
const LONGEST_BYTES = 1_000;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

export interface TrendPoint {
  readonly value: number;
  readonly changedAtMs: number;
}

interface Row {
  readonly key: string;
  readonly new_values: string;
  readonly changed_at: Date;
}

/** The numbers among the last values of each key, the oldest first; keys without any are left out. */
export async function selectTrends(
  db: Kysely<Tables>,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly TrendPoint[]>> {
  const { rows } = await sql<Row>`
    select wanted.key, newest.new_values, newest.changed_at
    from (select distinct unnest(${keys}::text[]) as key) as wanted cross join lateral (
      select id, changed_at, new_values from config_audit_log
      where config_audit_log.key = wanted.key and new_values is not null
      order by id desc limit ${MOST_VALUES}
    ) as newest
    where octet_length(newest.new_values) <= ${LONGEST_BYTES}
    order by wanted.key, newest.id`.execute(db);
  const trends = new Map<string, TrendPoint[]>();
  for (const { key, new_values: values, changed_at: changedAt } of rows) {
    const text = valueIn(values)?.trim() ?? '';
    if (!NUMBER.test(text) || !Number.isFinite(Number(text))) continue;
    const points = trends.get(key) ?? [];
    points.push({ value: Number(text), changedAtMs: changedAt.getTime() });
    trends.set(key, points);
  }
  return trends;
}
