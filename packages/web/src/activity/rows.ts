import type { AuditRecord } from '../api/replies.ts';
import type { ChangeSet } from '../trail/change-sets.ts';
import { dayWords } from '../trail/days.ts';

/** A line of the list: only those in sight are in the page. */
export type ActivityRow =
  | { readonly kind: 'day'; readonly id: string; readonly words: string }
  | {
      readonly kind: 'set';
      readonly id: string;
      readonly set: ChangeSet;
      readonly isOpen: boolean;
      readonly mayHaveMore: boolean;
    }
  | { readonly kind: 'about'; readonly id: string; readonly set: ChangeSet }
  | { readonly kind: 'change'; readonly id: string; readonly record: AuditRecord };

export interface RowsOptions {
  /** Ids of the change sets that are open. */
  readonly open: ReadonlySet<string>;
  /** Older records are not loaded. */
  readonly hasMore: boolean;
  readonly nowMs: number;
}

/** Change sets as lines, with a heading for each day. */
export function rowsOf(sets: readonly ChangeSet[], { open, hasMore, nowMs }: RowsOptions): ActivityRow[] {
  const rows: ActivityRow[] = [];
  let day = '';
  for (const [n, set] of sets.entries()) {
    const words = dayWords(set.newest.changed_at, nowMs);
    if (words !== day) rows.push({ kind: 'day', id: `day ${words} ${set.id}`, words });
    day = words;
    const isOpen = open.has(set.id);
    rows.push({ kind: 'set', id: set.id, set, isOpen, mayHaveMore: hasMore && n === sets.length - 1 });
    if (!isOpen) continue;
    rows.push({ kind: 'about', id: `about ${set.id}`, set });
    for (const record of set.records) {
      if (record.key !== null) rows.push({ kind: 'change', id: `change ${record.id}`, record });
    }
  }
  return rows;
}

/** What a line is likely to take, until it is measured. */
export const ROW_HEIGHTS: Readonly<Record<ActivityRow['kind'], number>> = { day: 34, set: 36, about: 66, change: 88 };
