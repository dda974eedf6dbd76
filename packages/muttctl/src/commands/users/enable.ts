import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { printJson, printSummary } from '../../output.ts';
import { chooseServer } from '../../server-target.ts';
import { escapeUnsafe } from '../../terminal-text.ts';
import { changeUser, readUser } from './users.ts';

export function defineUsersEnable(command: Command): void {
  addConnectionOptions(command).action(enable);
  addExamples(command, { 'muttctl users enable alice': 'with the password and the rights that they had' });
}

async function enable(name: string, options: ConnectionOptions): Promise<void> {
  const target = await chooseServer(options, 'Users are');
  const user = await readUser(target, name);
  const answer = await changeUser(target, user, { disabled: false });
  if (options.json) printJson(answer);
  else printSummary(`Enabled: ${escapeUnsafe(user.name)}${user.disabled ? '' : ', as before'}.`);
}
