import { RootCommand } from '@bomb.sh/tab';
import type { Command as Defined } from 'commander';
import { defineNow } from './lazy-command.ts';

/** What stands for a key in the usage of a command. */
const KEY_ARGUMENTS = ['key', 'keys', 'pattern', 'key=value', 'more'];

/** What a word may name, besides commands and options. */
export type NameKind = 'key' | 'api-key' | 'user' | 'context';
const NOTHING = (): void => {};

/**
 * Prints what may come next in a command line, for the script of a shell.
 *
 * @param words what was typed after `muttctl`; the last of them is not finished.
 * @param namesOf the keys, API keys, users or contexts at the place that the words name; asked only where one may come.
 */
export async function complete(
  program: Defined,
  words: readonly string[],
  namesOf: (kind: NameKind, words: readonly string[]) => Promise<readonly string[]>,
): Promise<void> {
  const root = new RootCommand();
  const path = words.slice(0, -1).filter((word) => !word.startsWith('-'));
  for (const command of program.commands) await declare(root, command, [command.name()], path);
  const command = await find(program, path);
  const kind = command?.registeredArguments.map((argument) => kindOf(argument.name())).find((one) => one !== null);
  const names = kind != null && !words.at(-1)?.startsWith('-') ? await namesOf(kind, words) : [];
  if (command !== null) declareArguments(root, command, names, words);
  root.parse([...words]);
}

function kindOf(argument: string): NameKind | null {
  if (argument === 'api-key' || argument === 'user' || argument === 'context') return argument;
  return KEY_ARGUMENTS.includes(argument) ? 'key' : null;
}

/** Options only of the command that is typed: those of the others need not be loaded. */
async function declare(
  root: RootCommand,
  command: Defined,
  names: readonly string[],
  path: readonly string[],
): Promise<void> {
  if (names.at(-1) === 'complete') return;
  const declared = root.command(names.join(' '), command.description());
  const isTyped = names.every((name, n) => path[n] === name);
  if (isTyped) {
    await defineNow(command);
    for (const { long, short, description, required, optional, argChoices } of command.options) {
      if (long == null) continue;
      const name = long.replace(/^--/, '');
      const alias = short?.replace(/^-/, '');
      if (!required && !optional) declared.option(name, description, alias ?? '');
      else declared.option(name, description, (suggest) => argChoices?.forEach((choice) => suggest(choice, '')), alias);
    }
  }
  for (const child of command.commands) await declare(root, child, [...names, child.name()], path);
}

async function find(program: Defined, path: readonly string[]): Promise<Defined | null> {
  let command: Defined | undefined = program;
  for (const name of path) {
    const child: Defined | undefined = command.commands.find((one) => one.name() === name);
    if (child === undefined) break;
    command = child;
  }
  return command === program ? null : command;
}

function declareArguments(
  root: RootCommand,
  command: Defined,
  offered: readonly string[],
  words: readonly string[],
): void {
  const names = [command.name()];
  for (let parent = command.parent; parent?.parent != null; parent = parent.parent) names.unshift(parent.name());
  const declared = root.commands.get(names.join(' '));
  // After a first key=value, all others are key=value, too.
  const arePairs = command.name() === 'wait' || words.slice(2, -1).some((word) => word.includes('='));
  for (const argument of command.registeredArguments) {
    const name = argument.name();
    const isName = kindOf(name) !== null || (arePairs && name === 'value');
    const suggestNames = (suggest: (value: string, description: string) => void): void => {
      for (const one of offered) suggest(arePairs ? `${one}=` : one, '');
    };
    const choices = argument.argChoices;
    const suggestChoices = (suggest: (value: string, description: string) => void): void =>
      choices?.forEach((choice) => suggest(choice, ''));
    declared?.argument(name, isName ? suggestNames : choices ? suggestChoices : NOTHING, argument.variadic);
  }
}
