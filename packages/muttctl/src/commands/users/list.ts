import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { printJson, printNotice } from '../../output.ts';
import { printTable, timeCell, type ColumnOf } from '../../print-table.ts';
import { RIGHTS_COLUMNS } from '../../rights.ts';
import { chooseServer } from '../../server-target.ts';
import { readUsers, type UserJson } from './users.ts';

const COLUMNS: readonly ColumnOf<UserJson>[] = [
  { header: 'NAME', minWidth: 8, cell: ({ name }) => name },
  ...RIGHTS_COLUMNS,
  { header: 'STATE', cell: ({ disabled }) => (disabled ? 'disabled' : 'enabled') },
  { header: 'CREATED', optional: true, cell: ({ created_at: at }) => timeCell(at) },
  { header: 'BY', minWidth: 6, optional: true, cell: ({ created_by: by }) => by ?? '-' },
];

export function defineUsersList(command: Command): void {
  addConnectionOptions(command).action(list);
  addExamples(command, {
    'muttctl users list': 'who there is, and what they may do',
    'muttctl users list --json | jq -r \'.users[] | select(.role == "admin") | .name\'': 'the admins',
  });
}

async function list(options: ConnectionOptions): Promise<void> {
  const target = await chooseServer(options, 'Users are');
  const answer = await readUsers(target);
  if (options.json) return printJson(answer);
  if (answer.users.length === 0) {
    return printNotice('There are no users yet: the sign-in link of the first start makes one, or users create.', {
      json: false,
    });
  }
  printTable(
    COLUMNS,
    answer.users.toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
  );
}
