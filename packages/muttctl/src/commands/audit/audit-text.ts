import { changeText } from '../../change-text.ts';
import { colours, printLine } from '../../output.ts';
import { printTable, timeCell, type ColumnOf } from '../../print-table.ts';
import { escapeUnsafe, fitTo } from '../../terminal-text.ts';

/** A record as the API of a server has it, of which this is shown. Secrets are masked by now. */
export interface AuditRecord {
  readonly id: number;
  readonly changed_at: string;
  readonly changed_by: string | null;
  readonly operation: string;
  readonly key: string | null;
  readonly old_values: { readonly value?: string } | null;
  readonly new_values: { readonly value?: string } | null;
  readonly reason: string | null;
  readonly correlation_id: string | null;
  readonly revision: number;
  readonly source: string;
}

const COLUMNS: readonly ColumnOf<AuditRecord>[] = [
  { header: 'ID', align: 'right', cell: ({ id }) => String(id) },
  { header: 'CHANGED', cell: ({ changed_at: at }) => timeCell(at) },
  { header: 'BY', minWidth: 8, cell: ({ changed_by: by }) => fitTo(by ?? '-', 40) },
  { header: 'KEY', minWidth: 12, cell: ({ key }) => key ?? '-' },
  { header: 'CHANGE', minWidth: 12, cell: whatChanged },
  { header: 'REASON', minWidth: 12, optional: true, cell: ({ reason }) => fitTo(reason ?? '', 100) },
];

/** A table that fits the terminal; or each in full, as `git log` would. */
export function printRecords(records: readonly AuditRecord[], { isFull }: { readonly isFull: boolean }): void {
  if (isFull) return printLine(records.map(inFull).join('\n\n'));
  printTable(COLUMNS, records);
}

function whatChanged({ operation, old_values: old, new_values: now }: AuditRecord): string {
  if (operation === 'REVEAL') return 'looked at';
  // What its values hold is where the trail ended, and where it goes on.
  return operation === 'GAP' ? 'GAP' : changeText(old?.value ?? null, now?.value ?? null);
}

function inFull(record: AuditRecord): string {
  const { yellow } = colours(process.stdout);
  const { id, revision, source, key, changed_at: at, changed_by: by, correlation_id: correlationId, reason } = record;
  const nobody = source === 'gap' ? 'nobody: something is missing here' : 'somebody who wrote directly to the store';
  return [
    yellow(`record ${id}`) + (source === 'gap' ? '' : ` (revision ${revision})`),
    ...(key === null ? [] : [`Key:    ${escapeUnsafe(key)}`]),
    `Author: ${by === null ? nobody : escapeUnsafe(by)}`,
    `Date:   ${escapeUnsafe(at)}`,
    ...(correlationId === null ? [] : [`Id:     ${escapeUnsafe(correlationId)}`]),
    '',
    ...(reason === null ? [] : [`    ${escapeUnsafe(reason)}`, '']),
    `    ${whatChanged(record)}`,
  ].join('\n');
}
