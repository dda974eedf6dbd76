import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';
import { keysOf } from './audit-query.ts';

const HOUR_MS = 3_600_000;
const HOURS = 48;
const DAY_MS = 24 * HOUR_MS;

/** What the trail comes to, at a glance. */
export interface AuditFigures {
  /** Changes of keys in each of the last 48 hours, the oldest first. */
  readonly hours: readonly { readonly startMs: number; readonly changes: number }[];
  /** Changes of the last 24 hours that were written past us. */
  readonly outOfBand: number;
  /** null: nothing yet. */
  readonly lastRecordedAtMs: number | null;
  /** Where something is missing from the trail; the one at its beginning is none. */
  readonly gaps: number;
}

/** @param visible patterns of the keys that count; null: all. */
export async function selectFigures(
  db: Kysely<Tables>,
  visible: readonly string[] | null,
  nowMs: number,
): Promise<AuditFigures> {
  const thisHourMs = nowMs - (nowMs % HOUR_MS);
  const firstMs = thisHourMs - (HOURS - 1) * HOUR_MS;
  const keys = await keysOf(db, { visible });
  // Only what is a change: where keys are named, gaps have none.
  const seen = keys === null ? sql`true` : sql`key = any(${keys}::text[])`;
  const { rows } = await sql<{ hour: string; changes: string; out_of_band: string }>`
    select floor(extract(epoch from changed_at) / 3600)::bigint as hour, count(*) as changes,
      count(*) filter (where source = 'out-of-band' and changed_at >= ${new Date(nowMs - DAY_MS)}) as out_of_band
    from config_audit_log
    where changed_at >= ${new Date(firstMs)} and source in ('commit', 'out-of-band') and ${seen}
    group by 1`.execute(db);
  const byHour = new Map(rows.map(({ hour, changes }) => [Number(hour) * HOUR_MS, Number(changes)]));
  const last = await db.selectFrom('config_audit_log').select('changed_at').orderBy('id', 'desc').limit(1).execute();
  const gaps = await sql<{ gaps: string }>`
    select count(*) as gaps from config_audit_log
    where operation = 'GAP' and not starts_with(old_values, '{"epoch":""')`.execute(db);
  return {
    hours: Array.from({ length: HOURS }, (_, n) => {
      const startMs = firstMs + n * HOUR_MS;
      return { startMs, changes: byHour.get(startMs) ?? 0 };
    }),
    outOfBand: rows.reduce((sum, row) => sum + Number(row.out_of_band), 0),
    lastRecordedAtMs: last[0]?.changed_at.getTime() ?? null,
    gaps: Number(gaps.rows[0]?.gaps ?? 0),
  };
}
