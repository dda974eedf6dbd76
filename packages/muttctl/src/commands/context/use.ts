import type { Command } from 'commander';
import { addExamples } from '../../connection-options.ts';
import { Contexts } from '../../contexts.ts';
import { printJson, printNotice, printSummary } from '../../output.ts';
import { addOutputOptions, type OutputOptions } from './output-options.ts';

/** What goes before the context in use. */
const STRONGER = ['MUTT_CONFIG_URL', 'MUTT_CONTEXT', 'REDIS_URL', 'REDIS_HOST'];

export function defineUse(command: Command): void {
  addOutputOptions(command.argument('<context>', 'its name')).action(use);
  addExamples(command, { 'muttctl context use prod': 'from now on, where nothing else is named' });
}

async function use(name: string, { json = false }: OutputOptions): Promise<void> {
  await new Contexts(process.env).use(name);
  const stronger = STRONGER.find((variable) => process.env[variable]);
  if (stronger !== undefined) {
    printNotice(`${stronger} is set, and goes before it.`, { json, fields: { level: 'warn' } });
  }
  if (json) printJson({ context: name });
  else printSummary(`Context ${name} is in use.`);
}
