import type { AuditRecord, AuditReply, HeadReply, ListedEntry } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { onlyAt, toQuery } from '../trail/filters.ts';
import { isMasked, stepOf } from '../trail/record-words.ts';

/** A change set as a whole, and whether it can be undone at all. */
export interface WholeSet {
  readonly records: readonly AuditRecord[];
  /** The store has begun a new life since: its revisions are others'. */
  readonly isOfFormerEpoch: boolean;
}

/** What undoing does to a key. */
export interface UndoStep {
  readonly key: string;
  /** What it holds now; null: nothing. */
  readonly now: string | null;
  /** What it will hold; null: nothing. */
  readonly afterwards: string | null;
  readonly isMasked: boolean;
  /** Somebody changed it after the change that is undone. */
  readonly changedSince: ListedEntry | 'deleted' | null;
}

const PAGE_RECORDS = '500';

/** All records of a change set, whatever filters it was seen through. */
export async function loadWholeSet(one: AuditRecord, signal: AbortSignal): Promise<WholeSet> {
  const head = await request<HeadReply>('/head', { signal });
  const records: AuditRecord[] = [];
  let cursor: string | null = null;
  do {
    const more: Record<string, string> = { limit: PAGE_RECORDS, ...(cursor !== null && { cursor }) };
    const page: AuditReply = await request<AuditReply>(`/audit?${toQuery(onlyAt(one.changed_at), more)}`, { signal });
    records.push(...page.records.filter(({ epoch, revision }) => epoch === one.epoch && revision === one.revision));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return { records: records.toReversed(), isOfFormerEpoch: head.epoch !== one.epoch };
}

/** What undoing would do, as things are now; a key that is as it was before is left out. */
export function undoStepsOf(records: readonly AuditRecord[], byKey: ReadonlyMap<string, ListedEntry>): UndoStep[] {
  return records.flatMap((record) => {
    const { key, revision } = record;
    if (key === null) return [];
    const { before: afterwards, after: left } = stepOf(record);
    const entry = byKey.get(key);
    const now = entry?.value ?? null;
    const masked = isMasked(record) || entry?.masked === true;
    if (now === afterwards && !masked) return [];
    const isAsLeft = left === null ? entry === undefined : entry !== undefined && entry.revision === revision;
    return [{ key, now, afterwards, isMasked: masked, changedSince: isAsLeft ? null : (entry ?? 'deleted') }];
  });
}
