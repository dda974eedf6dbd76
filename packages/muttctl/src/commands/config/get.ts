import type { Command } from 'commander';
import { addConnectionOptions, examples, type ConnectionOptions } from '../../connection-options.ts';
import { checkKey, withConfig } from '../../connection.ts';
import { entryJson } from '../../json-shapes.ts';
import { printJson, printLine } from '../../output.ts';
import { escapeUnsafe } from '../../terminal-text.ts';

interface GetOptions extends ConnectionOptions {
  readonly default?: string;
}

export function defineGet(command: Command): void {
  addConnectionOptions(command)
    .option('--default <value>', 'print this when there is no such key')
    .addHelpText(
      'after',
      examples({
        'muttctl config get moog_rate_limit': 'the bare value',
        'rate=$(muttctl config get moog_rate_limit --default 100)': 'in a script',
        'muttctl config get moog_rate_limit --json': 'with its revision, time and author',
      }),
    )
    .action(get);
}

async function get(key: string, options: GetOptions): Promise<void> {
  await checkKey(key);
  await withConfig(options, (config) => {
    const entry = config.entry(key) ?? { value: options.default ?? config.get(key) };
    if (options.json) printJson(entryJson(key, entry));
    else printLine(process.stdout.isTTY ? safeLines(entry.value) : entry.value);
  });
}

/** Exact for a script, but on a terminal a value must not drive it. */
function safeLines(value: string): string {
  return value.replace(/[^\n]+/g, escapeUnsafe);
}
