import type { Command } from 'commander';
import { addExamples } from '../../connection-options.ts';
import { Contexts } from '../../contexts.ts';
import { Failure } from '../../failure.ts';
import { printJson, printNotice } from '../../output.ts';
import { readUrl } from '../../target.ts';
import { printTable, type ColumnOf } from '../../print-table.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import { addOutputOptions, type OutputOptions } from './output-options.ts';

export function defineList(command: Command): void {
  addOutputOptions(command).action(list);
  addExamples(command, { 'muttctl context list': 'with the one in use marked; no credential is shown' });
}

const COLUMNS: readonly ColumnOf<Row>[] = [
  { header: '', cell: ({ current }) => (current ? '*' : '') },
  { header: 'NAME', cell: ({ name }) => name },
  { header: 'PLACE', minWidth: 20, cell: ({ url, problem }) => escapeUnsafe(url ?? problem ?? '') },
  { header: 'USER', minWidth: 6, cell: ({ user }) => escapeUnsafe(user ?? '-') },
  { header: 'PREFIX', optional: true, cell: ({ prefix }) => escapeUnsafe(prefix ?? '-') },
];

async function list({ json = false }: OutputOptions): Promise<void> {
  const contexts = new Contexts(process.env);
  const current = await contexts.current();
  const rows = await Promise.all((await contexts.names()).map((name) => describe(contexts, name, current)));
  if (json) return printJson(rows);
  if (rows.length === 0) printNotice('There are none yet: muttctl login makes one.', { json });
  else printTable(COLUMNS, rows);
}

interface Row {
  readonly name: string;
  readonly current: boolean;
  readonly url: string | null;
  readonly prefix: string | null;
  readonly user: string | null;
  /** Why it cannot be used; null: it can. */
  readonly problem: string | null;
}

async function describe(contexts: Contexts, name: string, current: string | null): Promise<Row> {
  const about = { name, current: name === current };
  try {
    const { url, prefix = null, user = null } = await contexts.get(name);
    return { ...about, url: readUrl(url, `The URL of context ${name}`).location, prefix, user, problem: null };
  } catch (error) {
    return { ...about, url: null, prefix: null, user: null, problem: Failure.of(error).message };
  }
}
