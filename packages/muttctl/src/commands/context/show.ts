import type { Command } from 'commander';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { printJson, printLine } from '../../output.ts';
import { chooseTarget } from '../../target.ts';

export function defineShow(command: Command): void {
  addConnectionOptions(command).action(show);
  addExamples(command, {
    'muttctl context show': 'where a command without options goes',
    'muttctl context show --context prod': 'and one with this option',
  });
}

async function show(options: ConnectionOptions): Promise<void> {
  const { kind, location, namedBy, prefix = null, apiKey } = await chooseTarget(options, process.env);
  if (options.json) {
    return printJson({ kind, location, named_by: namedBy, prefix, has_credential: apiKey !== undefined });
  }
  const by = namedBy === 'default' ? 'nothing names another' : `by ${namedBy}`;
  printLine(`${location} (${by}${prefix === null ? '' : `, prefix ${prefix}`})`);
}
