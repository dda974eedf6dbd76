import type { AuditRecord } from '../api/replies.ts';

/** A record of the trail, as a step in the story of a key. */
export interface HistoryStep {
  readonly id: number;
  readonly changedAt: string;
  readonly who: string | null;
  /** What was done, in words: `changed`, `deleted`. */
  readonly what: string;
  /** What is special about it; null: nothing. */
  readonly note: string | null;
  readonly reason: string | null;
  readonly revision: number | null;
  /** The value before and after, where the record is of a change; null is not set. */
  readonly change: { readonly before: string | null; readonly after: string | null } | null;
}

const WORDS: Readonly<Record<string, string>> = {
  CREATE: 'set it',
  UPDATE: 'changed it',
  DELETE: 'deleted it',
  GAP: 'Some of its changes may be missing here',
  REVEAL: 'looked at it in clear',
};

const OUT_OF_BAND = 'Written to the Redis directly, not through the server: nobody knows by whom.';
const GAP = 'The log lost them before they reached the audit trail.';

export function toStep(record: AuditRecord): HistoryStep {
  const { id, operation, reason, revision, source } = record;
  const isChange = operation === 'CREATE' || operation === 'UPDATE' || operation === 'DELETE';
  return {
    id,
    changedAt: record.changed_at,
    who: operation === 'GAP' ? null : (record.changed_by ?? 'Somebody'),
    what: WORDS[operation] ?? operation,
    note: source === 'out-of-band' ? OUT_OF_BAND : operation === 'GAP' ? GAP : null,
    reason,
    revision,
    change: isChange ? { before: record.old_values?.value ?? null, after: record.new_values?.value ?? null } : null,
  };
}

/** What to draw of a history: the time in seconds and the number that held from then on, the oldest first. */
export interface Plotted {
  readonly times: readonly number[];
  /** null: it was not set, or no number. */
  readonly values: readonly (number | null)[];
}

const LEAST_DRAWN = 2;

/** null where there is nothing to draw: the values are no numbers, or too few. */
export function plottedOf(newestFirst: readonly HistoryStep[], nowMs: number): Plotted | null {
  const steps = newestFirst.filter(({ change }) => change !== null).toReversed();
  const times = steps.map(({ changedAt }) => Date.parse(changedAt) / 1_000);
  const values = steps.map(({ change }) => toNumber(change?.after ?? null));
  const numbers = values.filter((value) => value !== null).length;
  if (numbers < LEAST_DRAWN || numbers < steps.length / 2) return null;
  // It still holds.
  return { times: [...times, Math.max(nowMs / 1_000, times.at(-1) ?? 0)], values: [...values, values.at(-1) ?? null] };
}

function toNumber(text: string | null): number | null {
  if (text === null || text.trim() === '') return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}
