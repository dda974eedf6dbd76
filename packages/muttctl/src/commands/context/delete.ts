import type { Command } from 'commander';
import { addExamples } from '../../connection-options.ts';
import { Contexts } from '../../contexts.ts';
import { printJson, printSummary } from '../../output.ts';
import { addOutputOptions, type OutputOptions } from './output-options.ts';

export function defineDelete(command: Command): void {
  addOutputOptions(command.argument('<context>', 'its name')).action(remove);
  addExamples(command, { 'muttctl context delete prod': 'muttctl logout --context prod ends its session first' });
}

async function remove(name: string, { json = false }: OutputOptions): Promise<void> {
  await new Contexts(process.env).delete(name);
  if (json) printJson({ deleted: name });
  else printSummary(`Context ${name} is forgotten.`);
}
