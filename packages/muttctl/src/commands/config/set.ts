import type { Command } from 'commander';
import { changeText } from '../../change-text.ts';
import { addChangeOptions, addConnectionOptions, examples, type ChangeOptions } from '../../connection-options.ts';
import { checkKey, withConfig } from '../../connection.ts';
import { Failure } from '../../failure.ts';
import { commitJson } from '../../json-shapes.ts';
import { printJson, printLine } from '../../output.ts';
import { readValue } from '../../read-value.ts';

interface SetOptions extends ChangeOptions {
  readonly stdin?: boolean;
}

export function defineSet(command: Command): void {
  addChangeOptions(addConnectionOptions(command))
    .option('--stdin', 'read the value from stdin, byte for byte')
    .addHelpText(
      'after',
      examples({
        "muttctl config set moog_rate_limit 200 --reason 'incident 4711'": 'and say why',
        'muttctl config set moog_rate_limit 200 --if-revision 41': 'only if nobody changed it since',
        'muttctl config set banner --stdin < banner.txt': 'a value with lines, or a long one',
        'muttctl config set flags -- --verbose': 'a value that begins with -',
      }),
    )
    .action(set);
}

async function set(key: string, argument: string | undefined, options: SetOptions): Promise<void> {
  await checkKey(key);
  const value = await valueOf(key, argument, options.stdin === true);
  await withConfig(options, async (config) => {
    const { reason, ifRevision, notify } = options;
    const commit = await config.set(key, value, { reason, ifRevision, notify });
    if (options.json) return printJson(commitJson(key, commit));
    const previous = commit.previousValues[0] ?? null;
    const what = previous === value ? `${changeText(previous, value)}, the same value` : changeText(previous, value);
    printLine(`${key}: ${what} (revision ${commit.revision})`);
  });
}

async function valueOf(key: string, argument: string | undefined, stdin: boolean): Promise<string> {
  if (stdin) {
    if (argument !== undefined)
      throw new Failure('usage', 'Give the value either as an argument or with --stdin, not both.');
    return readValue(process.stdin, key);
  }
  if (argument === undefined) {
    throw new Failure(
      'usage',
      `Missing the value: muttctl config set ${key} <value>, or --stdin to read it from stdin.`,
    );
  }
  // Node decodes arguments leniently: bytes that are no UTF-8 have become this by now.
  if (argument.includes('\ufffd')) {
    throw new Failure(
      'value_invalid',
      `Invalid value for ${key}: it holds U+FFFD, which is what arguments that are not valid UTF-8 turn into. If it is meant, pass it with --stdin.`,
    );
  }
  return argument;
}
