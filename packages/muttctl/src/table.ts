import { displayWidth, fitTo } from './terminal-text.ts';

export interface Column {
  readonly header: string;
  readonly align?: 'left' | 'right';
  /** How narrow the column may become when space is short. Without it, the column keeps its width. */
  readonly minWidth?: number;
  /** Left out, from the right, when there is no space for everything. */
  readonly optional?: boolean;
}

const GAP = '  ';

/** Lines of a table that is at most `width` columns wide (as far as its columns can shrink), header first. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const natural = columns.map((column, index) =>
    rows.reduce((widest, row) => Math.max(widest, displayWidth(row[index] ?? '')), column.header.length),
  );
  const layout = fitColumns(columns, natural, width);
  const line = (cells: readonly string[]): string =>
    layout
      .map(({ index, width: cellWidth }) => pad(fitTo(cells[index] ?? '', cellWidth), cellWidth, columns[index]?.align))
      .join(GAP)
      .trimEnd();
  return [line(columns.map((column) => column.header)), ...rows.map(line)];
}

interface Cell {
  readonly index: number;
  readonly width: number;
}

/** Takes from the widest column that can give, one column of the terminal at a time; then leaves columns out. */
function fitColumns(columns: readonly Column[], natural: readonly number[], width: number): Cell[] {
  let cells = columns.map((column, index) => ({ index, column, width: natural[index] ?? 0 }));
  while (totalWidth(cells) > width) {
    const shrinkable = cells.filter((cell) => cell.width > (cell.column.minWidth ?? Infinity));
    if (shrinkable.length > 0) {
      shrinkable.reduce((a, b) => (b.width >= a.width ? b : a)).width -= 1;
      continue;
    }
    const dropped = cells.findLast((cell) => cell.column.optional === true);
    if (dropped === undefined) break;
    // What shrank for the sake of the dropped column may grow again.
    cells = cells.filter((cell) => cell !== dropped).map((cell) => ({ ...cell, width: natural[cell.index] ?? 0 }));
  }
  return cells;
}

function totalWidth(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, GAP.length * (cells.length - 1));
}

function pad(text: string, width: number, align: Column['align']): string {
  const padding = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? padding + text : text + padding;
}
