import { escapeUnsafe } from './terminal-text.ts';

/** Lines of a Markdown table, header first. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}

/** A text for a cell: one line, no HTML; what Markdown it holds is its author's. */
export function cell(text: string): string {
  // A backslash before a bar would take the bar's own away, and end the cell.
  return oneLine(text.replace(/\\+(?=\|)/g, '$&$&')).replaceAll('<', '&lt;');
}

/** A text for a cell, as it is. */
export function codeCell(text: string): string {
  const safe = oneLine(text);
  const ticks = Math.max(0, ...[...safe.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(ticks + 1);
  const gap = /^`|`$|^ .* $/.test(safe) ? ' ' : '';
  return `${fence}${gap}${safe}${gap}${fence}`;
}

function oneLine(text: string): string {
  return escapeUnsafe(text.trim().replace(/\s*\n\s*/g, ' ')).replaceAll('|', '\\|');
}
