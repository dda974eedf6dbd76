import type { Command, CommandOptions } from 'commander';

/** Gives a command its options, its help and its action. */
export type DefineCommand = (command: Command) => void;

const parents = new WeakSet<Command>();
const definitions = new WeakMap<Command, () => Promise<DefineCommand>>();

/** Declares a command by name only; the rest is imported when the command is run or its help is asked for. */
export function lazyCommand(
  parent: Command,
  usage: string,
  summary: string,
  load: () => Promise<DefineCommand>,
  options: CommandOptions = {},
): void {
  if (!parents.has(parent)) parent.hook('preSubcommand', (_, command) => defineNow(command));
  parents.add(parent);
  definitions.set(parent.command(usage, options).description(summary), load);
}

/** Imports the rest of a command, where that is not done yet. */
export async function defineNow(command: Command): Promise<void> {
  const load = definitions.get(command);
  if (load === undefined) return;
  definitions.delete(command);
  const define = await load();
  define(command);
}
