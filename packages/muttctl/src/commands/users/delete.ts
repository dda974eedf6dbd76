import type { Command } from 'commander';
import { confirmAct } from '../../confirm.ts';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { printJson, printSummary } from '../../output.ts';
import { rightsText } from '../../rights.ts';
import { askOrAdvise, chooseServer } from '../../server-target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import { LOOK_AT_USERS, readUser, USERS_PATH } from './users.ts';

interface UsersDeleteOptions extends ConnectionOptions {
  readonly yes?: boolean;
}

export function defineUsersDelete(command: Command): void {
  addConnectionOptions(command).option('-y, --yes', 'do not ask').action(deleteUser);
  addExamples(command, {
    'muttctl users delete alice': 'asks first; what they changed keeps their name',
    'muttctl users delete alice --yes': 'without a question',
  });
}

async function deleteUser(name: string, options: UsersDeleteOptions): Promise<void> {
  const target = await chooseServer(options, 'Users are');
  const user = await readUser(target, name);
  await confirmAct(`Delete ${user.name} for good? Rights: ${rightsText(user)}.`, options);
  const path = `${USERS_PATH}/${encodeURIComponent(user.name)}`;
  await askOrAdvise(target, { method: 'DELETE', path }, LOOK_AT_USERS);
  if (options.json) printJson({ deleted: user.name });
  else printSummary(`Deleted: ${escapeUnsafe(user.name)}.`);
}
