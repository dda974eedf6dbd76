import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { readNewPassword } from '../../new-password.ts';
import { printJson, printSummary } from '../../output.ts';
import { chooseServer } from '../../server-target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import { changeUser, readUser } from './users.ts';

interface UsersSetPasswordOptions extends ConnectionOptions {
  readonly passwordStdin?: boolean;
}

export function defineUsersSetPassword(command: Command): void {
  addConnectionOptions(command)
    .option('--password-stdin', 'take the password from stdin, without its last newline')
    .action(setPassword);
  addExamples(command, {
    'muttctl users set-password alice': 'asks for it, twice, and does not show it',
    'pwgen -s 24 1 | tee password.txt | muttctl users set-password alice --password-stdin': 'from a script',
  });
}

async function setPassword(name: string, options: UsersSetPasswordOptions): Promise<void> {
  const target = await chooseServer(options, 'Users are');
  // Nobody types a password twice for a name that is misspelt.
  const user = await readUser(target, name);
  const password = await readNewPassword(user.name, options);
  const answer = await changeUser(target, user, { password });
  if (options.json) printJson(answer);
  else printSummary(`Changed: ${escapeUnsafe(user.name)} has a new password, and is signed out everywhere.`);
}
