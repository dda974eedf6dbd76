import type { Command } from 'commander';
import { confirmAct } from '../../confirm.ts';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { printJson, printSummary } from '../../output.ts';
import { rightsText } from '../../rights.ts';
import { chooseServer } from '../../server-target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import { changeUser, readUser } from './users.ts';

interface UsersDisableOptions extends ConnectionOptions {
  readonly yes?: boolean;
}

export function defineUsersDisable(command: Command): void {
  addConnectionOptions(command).option('-y, --yes', 'do not ask').action(disable);
  addExamples(command, {
    'muttctl users disable alice': 'asks first; muttctl users enable takes it back',
    'muttctl users disable alice --yes': 'without a question',
  });
}

async function disable(name: string, options: UsersDisableOptions): Promise<void> {
  const target = await chooseServer(options, 'Users are');
  const user = await readUser(target, name);
  if (!user.disabled) {
    await confirmAct(`Shut out ${user.name}, and end their sessions? Rights: ${rightsText(user)}.`, options);
  }
  const answer = await changeUser(target, user, { disabled: true });
  if (options.json) printJson(answer);
  else printSummary(`Disabled: ${escapeUnsafe(user.name)}${user.disabled ? ', as before' : ''}.`);
}
