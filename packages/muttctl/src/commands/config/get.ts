import type { Command } from 'commander';
import { addConnectionOptions, addRevealOption, examples, type RevealOptions } from '../../connection-options.ts';
import { checkKey, withConfig } from '../../connection.ts';
import { readDeclared } from '../../declared.ts';
import { entryJson } from '../../json-shapes.ts';
import { printJson, printLine, printNotice } from '../../output.ts';
import { escapeUnsafe } from '../../terminal-text.ts';

interface GetOptions extends RevealOptions {
  readonly default?: string;
}

export function defineGet(command: Command): void {
  addRevealOption(addConnectionOptions(command))
    .option('--default <value>', 'print this when there is no such key')
    .addHelpText(
      'after',
      examples({
        'muttctl config get moog_rate_limit': 'the bare value',
        'rate=$(muttctl config get moog_rate_limit --default 100)': 'in a script',
        'muttctl config get moog_rate_limit --json': 'with its revision, time and author',
        'muttctl config get smtp_password --reveal': 'a secret',
      }),
    )
    .action(get);
}

async function get(key: string, options: GetOptions): Promise<void> {
  await checkKey(key);
  await withConfig(options, async (config) => {
    const entry = config.entry(key);
    if (entry === undefined) return print(key, { value: options.default ?? config.get(key) }, options);
    const declared = await readDeclared(config, options);
    print(key, { ...entry, value: declared.shown(key, entry.value) }, options);
    if (!declared.isMasked(key)) return;
    printNotice(`${key} is a secret: --reveal shows it.`, { json: options.json === true, fields: { level: 'warn' } });
  });
}

function print(key: string, entry: Parameters<typeof entryJson>[1], { json }: GetOptions): void {
  if (json) printJson(entryJson(key, entry));
  else printLine(process.stdout.isTTY ? safeLines(entry.value) : entry.value);
}

/** Exact for a script, but on a terminal a value must not drive it. */
function safeLines(value: string): string {
  return value.replace(/[^\n]+/g, escapeUnsafe);
}
