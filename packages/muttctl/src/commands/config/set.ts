import type { Command } from 'commander';
import type { DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import { changeText } from '../../change-text.ts';
import { addChangeOptions, addConnectionOptions, examples, type ChangeOptions } from '../../connection-options.ts';
import { checkKey, withConfig } from '../../connection.ts';
import { Failure } from '../../failure.ts';
import { readDeclared, readDeclaredStrictly, type Declared } from '../../declared.ts';
import { commitJson } from '../../json-shapes.ts';
import { printJson, printLine, printNotice } from '../../output.ts';
import { assertIntact, readValue } from '../../read-value.ts';
import type { Target } from '../../target.ts';

interface SetOptions extends ChangeOptions {
  readonly stdin?: boolean;
  readonly force?: boolean;
}

export function defineSet(command: Command): void {
  addChangeOptions(addConnectionOptions(command))
    .option('--stdin', 'read the value from stdin, byte for byte')
    .option('--force', 'set it even if the services that declare the key refuse it; recorded as forced')
    .addHelpText(
      'after',
      examples({
        "muttctl config set moog_rate_limit 200 --reason 'incident 4711'": 'and say why',
        'muttctl config set moog_rate_limit 200 --if-revision 41': 'only if nobody changed it since',
        'muttctl config set banner --stdin < banner.txt': 'a value with lines, or a long one',
        "muttctl config set moog_rate_limit 20000 --force --reason 'load test'": 'beyond what its services declare',
        'muttctl config set flags -- --verbose': 'a value that begins with -',
      }),
    )
    .action(set);
}

async function set(key: string, argument: string | undefined, options: SetOptions): Promise<void> {
  await checkKey(key);
  const value = await valueOf(key, argument, options.stdin === true);
  await withConfig(options, async (config, target) => {
    const { declared, commit, notices } = await commitChecked({ config, target, key, value, options });
    if (options.json) printJson(commitJson(key, commit, declared));
    else printLine(`${key}: ${whatChanged(key, commit, declared)} (revision ${commit.revision})`);
    for (const notice of notices) printNotice(notice, { json: options.json === true, fields: { level: 'warn' } });
  });
}

interface Checked {
  readonly declared: Declared;
  readonly commit: LoggedCommit;
  readonly notices: readonly string[];
}

interface Setting {
  readonly config: DynamicConfig;
  readonly target: Target;
  readonly key: string;
  readonly value: string;
  readonly options: SetOptions;
}

/** A server checks what it is sent. A Redis takes anything, so there the check is here. */
async function commitChecked({ config, target, key, value, options }: Setting): Promise<Checked> {
  const { reason, ifRevision, notify, force = false, json = false } = options;
  if (target.kind === 'server') {
    const declared = await readDeclared(config, { json });
    const commit = await config.set(key, value, { reason, ifRevision, notify, force });
    return { declared, commit, notices: commit.notices ?? [] };
  }
  const declared = await (force ? readDeclared : readDeclaredStrictly)(config, { json });
  const { registry } = declared;
  const problem = registry.problemWith(key, value);
  if (problem !== null && !force) throw new Failure('value_invalid', problem);
  const { forcedReason } = await import('@mutt/dynamic-config');
  const why = force ? forcedReason(reason) : reason;
  const commit = await config.set(key, value, { reason: why, ifRevision, notify });
  const notices = [problem, registry.unknownKey(key)].filter((one) => one !== null);
  return { declared, commit, notices: [...notices, ...registry.noticesOn(key)] };
}

function whatChanged(key: string, { changes, previousValues }: LoggedCommit, declared: Declared): string {
  const [value, previous] = [changes[0]?.value ?? null, previousValues[0] ?? null];
  const what = changeText(declared.shown(key, previous), declared.shown(key, value));
  return previous === value ? `${what}, the same value` : what;
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
  assertIntact(key, argument);
  return argument;
}
