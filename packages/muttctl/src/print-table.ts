import { colours, outputWidth, printLine } from './output.ts';
import { tableLines, type Column } from './table.ts';

/** A column of a table of `Row`s. */
export type ColumnOf<Row> = Column & { readonly cell: (row: Row) => string };

/** Prints rows as a table that fits the terminal; cells are escaped. */
export function printTable<Row>(columns: readonly ColumnOf<Row>[], rows: readonly Row[]): void {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const [header = '', ...lines] = tableLines(columns, cells, outputWidth());
  printLine([colours(process.stdout).bold(header), ...lines].join('\n'));
}

/** A time in a table: to the second, UTC. */
export function timeCell(at: string | null, never = '-'): string {
  return at === null ? never : at.replace('T', ' ').slice(0, 19);
}
