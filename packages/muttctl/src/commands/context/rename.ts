import type { Command } from 'commander';
import { addExamples } from '../../connection-options.ts';
import { Contexts } from '../../contexts.ts';
import { printJson, printSummary } from '../../output.ts';
import { addOutputOptions, type OutputOptions } from './output-options.ts';

export function defineRename(command: Command): void {
  addOutputOptions(command.argument('<context>', 'its name').argument('<name>', 'the new one')).action(rename);
  addExamples(command, { 'muttctl context rename config.internal prod': 'to something shorter' });
}

async function rename(from: string, to: string, { json = false }: OutputOptions): Promise<void> {
  await new Contexts(process.env).rename(from, to);
  if (json) printJson({ context: to });
  else printSummary(`Context ${from} is ${to} now.`);
}
