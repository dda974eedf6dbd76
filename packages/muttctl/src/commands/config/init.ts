import { Option, type Command } from 'commander';
import type { DynamicConfig, SeedPlan, SeedStep } from '@mutt/dynamic-config';
import { valueText } from '../../change-text.ts';
import { addConnectionOptions, addExamples, type ConnectionOptions } from '../../connection-options.ts';
import { withConfig } from '../../connection.ts';
import { readDeclaredToWrite, type Declared } from '../../declared.ts';
import { Failure } from '../../failure.ts';
import { colours, outputWidth, printJson, printLine, printNotice } from '../../output.ts';
import { readSeedSources, type SeedSourceOptions } from '../../seed-sources.ts';
import { tableLines, type Column } from '../../table.ts';

interface InitOptions extends ConnectionOptions, SeedSourceOptions {
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly force?: boolean;
  readonly reason?: string;
}

const COLUMNS: readonly Column[] = [
  { header: 'KEY', minWidth: 16 },
  { header: 'ACTION' },
  { header: 'VALUE', minWidth: 16 },
  { header: 'FROM', minWidth: 12 },
];
const VERIFIED: readonly Column[] = [
  { header: 'KEY', minWidth: 16 },
  { header: 'STATE' },
  { header: 'VALUE', minWidth: 16 },
];

export function defineInit(command: Command): void {
  addConnectionOptions(command)
    .option('--settings <module>', 'a JavaScript module that exports settings, as default or as settings')
    .option('--file <mapping>', 'JSON or YAML: keys, with a default, a variable of the environment, a type')
    .option('--set <key=value>', 'a key with its value; may be repeated', collect)
    .option('--dry-run', 'show what would be done, and write nothing')
    .addOption(
      new Option('--verify', 'check that every key is set and valid, and write nothing').conflicts(['dryRun', 'force']),
    )
    .option('--force', 'replace the values of keys that are set, too')
    .option('--reason <text>', 'why; recorded with the change')
    .action(init);
  addExamples(
    command,
    {
      'muttctl config init --settings ./settings.mjs --dry-run': 'what would be done',
      'CACHE_RELOAD_INTERVAL=600 muttctl config init --settings ./settings.mjs': 'with a value from the environment',
      "muttctl config init --file settings.yaml --reason 'first deployment'":
        'from a file with lines like cache_reload_interval: { default: 300, type: integer, min: 1 }',
      'muttctl config init --set cache_reload_interval=300 --set moog_rate_limit=100': 'without a file',
      'muttctl config init --file settings.yaml --verify': 'fails when a key is missing or invalid',
    },
    HELP,
  );
}

const HELP = `The value of a key comes from --set, else from the environment (CACHE_RELOAD_INTERVAL for cache_reload_interval; an empty
variable counts as not set), else from its default. A key that is set keeps its value. All of it is one change set; when a
value is refused, nothing is written. It may run at every deployment.`;

function collect(pair: string, pairs: readonly string[] = []): readonly string[] {
  return [...pairs, pair];
}

async function init(options: InitOptions): Promise<void> {
  const sources = await readSeedSources(options);
  const { declared, plan } = await withConfig(options, async (config, target) => {
    const declared = await readDeclaredToWrite(config, target, { json: options.json === true });
    return { declared, plan: await seedWith(config, { sources, declared, options }) };
  });
  const steps = plan.steps.map((step) => masked(step, declared));
  if (options.verify) return reportVerified(steps, options);
  reportPlan({ ...plan, steps }, options);
}

interface Seeding {
  readonly sources: Awaited<ReturnType<typeof readSeedSources>>;
  readonly declared: Declared;
  readonly options: InitOptions;
}

async function seedWith(
  config: DynamicConfig,
  { sources: { mapping, settings }, declared, options }: Seeding,
): Promise<SeedPlan> {
  const { seed } = await import('@mutt/dynamic-config');
  const { force = false, dryRun = false, verify = false, reason } = options;
  return seed(config, {
    mapping,
    settings: Object.fromEntries(settings),
    force,
    dryRun: dryRun || verify,
    reason,
    check: (key, text) => declared.registry.problemWith(key, text),
  });
}

/** Masked also where only a service says that it is secret. */
function masked(step: SeedStep, declared: Declared): SeedStep {
  const { key, text, current } = step;
  return { ...step, text: declared.shown(key, text), current: declared.shown(key, current) };
}

function reportPlan({ steps, revision }: SeedPlan, { json = false, dryRun = false }: InitOptions): void {
  if (json) printJson({ dry_run: dryRun, revision, keys: steps.map(stepJson) });
  else printTable(COLUMNS, steps.map(toCells));
  for (const { key, action, variable } of steps) {
    if (action !== 'missing') continue;
    printNotice(`${key} has no value: set ${variable}, or give it a default.`, { json, fields: { level: 'warn' } });
  }
  const problems = steps.flatMap(({ action, problem }) => (action === 'invalid' ? (problem ?? []) : []));
  if (problems.length > 0) throw new Failure('value_invalid', problems.join(' '));
  if (json) return;
  const count = (wanted: SeedStep['action']): number => steps.filter(({ action }) => action === wanted).length;
  const [set, overwritten, kept] = [count('set'), count('overwrite'), count('keep')];
  if (dryRun) printLine(`Would set ${set}, overwrite ${overwritten}, keep ${kept}. Nothing was written.`);
  else if (revision === null) printLine(`Nothing to set: kept ${kept}.`);
  else printLine(`Set ${set}, overwrote ${overwritten}, kept ${kept} (revision ${revision}).`);
}

function stepJson({ key, action, from, variable, text, current, problem }: SeedStep): Record<string, unknown> {
  return { key, action, from, variable, value: text, current, problem };
}

function toCells({ key, action, from, variable, text, current }: SeedStep): string[] {
  const after = valueText(text, '-');
  const value = {
    set: after,
    overwrite: `${valueText(current, '-')} → ${after}`,
    keep: valueText(current, '-'),
    missing: '-',
    invalid: '-',
  }[action];
  const isKept = action === 'keep' || from === null;
  const source = isKept ? '-' : { given: '--set', environment: variable, default: 'default' }[from];
  return [key, action, value, source];
}

/** @throws Failure when a key is missing or invalid. */
function reportVerified(steps: readonly SeedStep[], { json = false }: InitOptions): void {
  const verified = steps.map(toVerified);
  const failed = verified.filter(({ state }) => state !== 'ok');
  if (json) printJson({ verified: failed.length === 0, keys: verified });
  else
    printTable(
      VERIFIED,
      verified.map(({ key, state, value }) => [key, state, valueText(value, '-')]),
    );
  if (failed.length === 0) return;
  const code = failed.some(({ state }) => state === 'invalid') ? 'value_invalid' : 'key_not_found';
  throw new Failure(code, failed.map(({ key, problem }) => problem ?? `${key} is not set.`).join(' '));
}

interface Verified {
  readonly key: string;
  readonly state: 'ok' | 'missing' | 'invalid';
  readonly value: string | null;
  readonly problem: string | null;
}

function toVerified({ key, action, current, problem }: SeedStep): Verified {
  if (action !== 'keep') return { key, state: 'missing', value: null, problem: null };
  return { key, state: problem === null ? 'ok' : 'invalid', value: current, problem };
}

function printTable(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const [header = '', ...lines] = tableLines(columns, rows, outputWidth());
  printLine([colours(process.stdout).bold(header), ...lines].join('\n'));
}
