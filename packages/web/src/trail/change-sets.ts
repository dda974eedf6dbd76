import type { AuditRecord } from '../api/replies.ts';

/** What was changed as one: records of the same revision, the newest first. */
export interface ChangeSet {
  readonly id: string;
  readonly newest: AuditRecord;
  readonly records: readonly AuditRecord[];
}

/** Records, the newest first, as the change sets that they belong to. */
export function changeSetsOf(records: readonly AuditRecord[]): ChangeSet[] {
  const sets: { id: string; newest: AuditRecord; records: AuditRecord[] }[] = [];
  for (const record of records) {
    const id = idOf(record);
    const last = sets.at(-1);
    if (last?.id === id) last.records.push(record);
    else sets.push({ id, newest: record, records: [record] });
  }
  return sets;
}

/** With the time: after a failover two change sets may bear one revision. */
function idOf({ id, operation, epoch, revision, changed_at: changedAt }: AuditRecord): string {
  const standsAlone = operation === 'GAP' || operation === 'REVEAL' || revision === null;
  return standsAlone ? `record ${id}` : `${epoch} ${revision} ${changedAt}`;
}
