import { recordJson } from './audit-json.ts';
import type { ShowValue } from './audit-json.ts';
import type { AuditRecord } from './audit-record.ts';

const COLUMNS = [
  'id',
  'changed_at',
  'changed_by',
  'operation',
  'table_name',
  'record_id',
  'key',
  'old_values',
  'new_values',
  'reason',
  'correlation_id',
  'epoch',
  'revision',
  'source',
  'hash',
  'previous_hash',
] as const;

/** Records as JSON, one a line. */
export async function* toJsonLines(records: AsyncIterable<AuditRecord>, show: ShowValue): AsyncIterable<string> {
  for await (const record of records) yield `${JSON.stringify(recordJson(record, show))}\n`;
}

/** Records as CSV (RFC 4180), with a line of names first. No cell is a formula to a spreadsheet. */
export async function* toCsv(records: AsyncIterable<AuditRecord>, show: ShowValue): AsyncIterable<string> {
  yield `${COLUMNS.join()}\r\n`;
  for await (const record of records) {
    const json = recordJson(record, show);
    yield `${COLUMNS.map((column) => csvCell(json[column])).join()}\r\n`;
  }
}

/** What a spreadsheet would take for a formula gets an apostrophe first, as OWASP advises ("CSV Injection"). */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const inert = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}
