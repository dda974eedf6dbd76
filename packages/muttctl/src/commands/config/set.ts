import type { Command } from 'commander';
import { requestChange, type ChangeRequestOptions } from '../../change-request.ts';
import { addChangeOptions, addConnectionOptions, addExamples, addPlanOptions } from '../../connection-options.ts';
import { checkKey } from '../../connection.ts';
import { Failure } from '../../failure.ts';
import { assertIntact, readValue } from '../../read-value.ts';

interface SetOptions extends ChangeRequestOptions {
  readonly stdin?: boolean;
}

const USAGE = 'muttctl config set <key> <value>, or muttctl config set <key>=<value> …';

export function defineSet(command: Command): void {
  addPlanOptions(addChangeOptions(addConnectionOptions(command)))
    .usage('[options] <key> <value> | <key>=<value>…')
    .option('--stdin', 'read the value from stdin, byte for byte')
    .action(set);
  addExamples(command, {
    "muttctl config set moog_rate_limit 200 --reason 'incident 4711'": 'and say why',
    "muttctl config set moog_rate_limit=200 moog_batch_size=50 --reason 'incident 4711'":
      'several keys, as one change: everybody sees both or neither',
    'muttctl config set moog_rate_limit=200 debug_mode=true --dry-run': 'what would change',
    'muttctl config set moog_rate_limit 200 --if-revision 41': 'only if nobody changed it since',
    'muttctl config set banner --stdin < banner.txt': 'a value with lines, or a long one',
    "muttctl config set moog_rate_limit 20000 --force --reason 'load test'": 'beyond what its services declare',
    'muttctl config set flags -- --verbose': 'a value that begins with -',
  });
}

async function set(first: string, rest: readonly string[], options: SetOptions): Promise<void> {
  const words = [first, ...rest];
  // No key holds a `=`, so there is no doubt which form it is.
  const wanted = first.includes('=') ? toPairs(words, options) : [await toPair(words, options)];
  for (const [key] of wanted) await checkKey(key);
  await requestChange({ wanted, isSingle: wanted.length === 1 && !first.includes('=') }, options);
}

async function toPair(
  [key = '', argument, ...rest]: readonly string[],
  { stdin = false }: SetOptions,
): Promise<readonly [string, string]> {
  await checkKey(key);
  if (rest.length > 0) {
    throw new Failure('usage', `Too many arguments: ${USAGE}. A value with spaces is quoted.`);
  }
  if (stdin) {
    if (argument === undefined) return [key, await readValue(process.stdin, key)];
    throw new Failure('usage', 'Give the value either as an argument or with --stdin, not both.');
  }
  if (argument === undefined) {
    throw new Failure(
      'usage',
      `Missing the value: muttctl config set ${key} <value>, or --stdin to read it from stdin.`,
    );
  }
  assertIntact(key, argument);
  return [key, argument];
}

function toPairs(words: readonly string[], { stdin = false }: SetOptions): (readonly [string, string])[] {
  if (stdin) throw new Failure('usage', '--stdin is for one key: muttctl config set <key> --stdin.');
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at === -1) throw new Failure('usage', `Not a <key>=<value>: ${JSON.stringify(word)}. Usage: ${USAGE}.`);
    const [key, value] = [word.slice(0, at), word.slice(at + 1)];
    assertIntact(key, value);
    return [key, value];
  });
}
