import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { printJson } from '../../output.ts';
import { printTable, timeCell, type ColumnOf } from '../../print-table.ts';
import { RIGHTS_COLUMNS } from '../../rights.ts';
import { chooseServer } from '../../server-target.ts';
import { readApiKeys, type ApiKeyJson } from './api-keys.ts';

const COLUMNS: readonly ColumnOf<ApiKeyJson>[] = [
  { header: 'ID', cell: ({ id }) => id },
  { header: 'NAME', minWidth: 8, cell: ({ name }) => name },
  ...RIGHTS_COLUMNS,
  { header: 'LAST USED', optional: true, cell: ({ last_used_at: at }) => timeCell(at, 'never') },
  { header: 'EXPIRES', optional: true, cell: ({ expires_at: at }) => timeCell(at, 'never') },
  { header: 'CREATED', optional: true, cell: ({ created_at: at }) => timeCell(at) },
  { header: 'BY', minWidth: 6, optional: true, cell: ({ created_by: by }) => by ?? '-' },
];

export function defineKeysList(command: Command): void {
  addConnectionOptions(command).action(list);
  addExamples(command, {
    'muttctl keys list': 'whose keys there are, what they may do, when they were last used',
    "muttctl keys list --json | jq -r '.keys[] | select(.last_used_at == null) | .name'": 'those that nobody uses',
  });
}

async function list(options: ConnectionOptions): Promise<void> {
  const target = await chooseServer(options, 'API keys are');
  const answer = await readApiKeys(target);
  if (options.json) return printJson(answer);
  printTable(
    COLUMNS,
    answer.keys.toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
  );
}
