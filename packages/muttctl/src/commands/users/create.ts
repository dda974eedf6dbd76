import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { readNewPassword } from '../../new-password.ts';
import { printJson, printSummary } from '../../output.ts';
import { addRightsOptions, rightsText, toRightsJson, type RightsJson, type RightsOptions } from '../../rights.ts';
import { askOrAdvise, chooseServer } from '../../server-target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import { LOOK_AT_USERS, USERS_PATH } from './users.ts';

interface UsersCreateOptions extends ConnectionOptions, RightsOptions {
  readonly passwordStdin?: boolean;
}

export function defineUsersCreate(command: Command): void {
  addRightsOptions(addConnectionOptions(command))
    .option('--password-stdin', 'take the password from stdin, without its last newline')
    .action(create);
  addExamples(
    command,
    {
      'muttctl users create alice --role editor': 'asks for the password, twice, and does not show it',
      "muttctl users create bob --role viewer --keys 'moog_*' --password-stdin < password.txt": 'from a script',
    },
    'The name has small letters, digits and . _ @ -; the password 12 to 256 characters.',
  );
}

async function create(name: string, options: UsersCreateOptions): Promise<void> {
  const target = await chooseServer(options, 'Users are');
  const password = await readNewPassword(name, options);
  const body = { name, password, ...toRightsJson(options) };
  const answer = await askOrAdvise(target, { method: 'POST', path: USERS_PATH, body }, LOOK_AT_USERS);
  if (options.json) return printJson(answer);
  const rights = answer as unknown as RightsJson;
  printSummary(`Created: ${escapeUnsafe(`${name}, ${rightsText(rights)}`)}.`);
}
