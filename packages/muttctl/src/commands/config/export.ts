import { writeFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { addConnectionOptions, addExamples, type RevealOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { readDeclaredStrictly } from '../../declared.ts';
import { Failure } from '../../failure.ts';
import { FORMAT_NAMES, formatOf, loadFormat, type FormatName, type Values } from '../../formats/format.ts';
import { keyPattern } from '../../key-pattern.ts';
import { printJson, printNotice } from '../../output.ts';
import { escapeUnsafe } from '../../terminal-text.ts';

interface ExportOptions extends RevealOptions {
  readonly format?: FormatName;
  readonly output?: string;
}

export function defineExport(command: Command): void {
  addConnectionOptions(command)
    .addOption(
      new Option('--format <format>', 'default: what the name of the output says, otherwise yaml').choices(
        FORMAT_NAMES,
      ),
    )
    .option('-o, --output <file>', 'write to this file instead of stdout, for its owner only')
    .option('--reveal', 'with secrets, which are left out otherwise')
    .action(exportValues);
  addExamples(
    command,
    {
      'muttctl config export > settings.yaml': 'all that is set, but secrets',
      "muttctl config export 'moog_*' --format dotenv": 'some keys, as variables',
      'muttctl config export --reveal --output backup.json': 'with secrets, to a file that only you can read',
    },
    'What is exported is imported exactly as it was. YAML and JSON hold any key and value; what dotenv cannot is refused.',
  );
}

async function exportValues(pattern: string | undefined, options: ExportOptions): Promise<void> {
  const matches = keyPattern(pattern ?? '*');
  const { output, json = false } = options;
  const format = options.format ?? (json ? 'json' : ((output === undefined ? null : formatOf(output)) ?? 'yaml'));
  const { values, leftOut } = await readValues(matches, options);
  const text = (await loadFormat(format)).write(values);
  if (output !== undefined) {
    await write(output, text);
    const what = values.size === 1 ? '1 key' : `${values.size} keys`;
    if (json) printJson({ output, format, keys: values.size });
    else printNotice(`Written to ${output}: ${what}.`, { json });
  } else process.stdout.write(process.stdout.isTTY ? text.split('\n').map(escapeUnsafe).join('\n') : text);
  if (leftOut.length === 0) return;
  const message = `Left out, as secrets: ${leftOut.join(', ')}. --reveal exports them, too.`;
  printNotice(message, { json, fields: { level: 'warn' } });
}

/** What cannot be told from a secret is not exported: whether there are any must be known. */
async function readValues(
  matches: (key: string) => boolean,
  options: ExportOptions,
): Promise<{ values: Values; leftOut: readonly string[] }> {
  return withConfig(options, async (config) => {
    const declared = await readDeclaredStrictly(config, options);
    const entries = Object.entries(config.getAll()).filter(([key]) => matches(key));
    return {
      values: new Map(entries.filter(([key]) => !declared.isMasked(key))),
      leftOut: entries.flatMap(([key]) => (declared.isMasked(key) ? [key] : [])),
    };
  });
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new Failure('usage', `${path} cannot be written: ${(cause as Error).message}.`, { cause });
  }
}
