import { InvalidArgumentError, type Command } from 'commander';

/** What every command that reads or changes settings accepts. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly context?: string;
  readonly prefix?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What every command that shows values accepts, too. */
export interface RevealOptions extends ConnectionOptions {
  readonly reveal?: boolean;
}

/** What every command that shows first what it would do accepts, too. */
export interface PlanOptions extends ConnectionOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly reason?: string;
  readonly force?: boolean;
}

export function addConnectionOptions(command: Command): Command {
  return command
    .option(
      '--url <url>',
      'redis[s]://…, redis-sentinel://…, redis-cluster://…, or http(s)://… of a server (MUTT_CONFIG_URL)',
    )
    .option('--context <name>', 'a place that muttctl login or muttctl context knows by name (MUTT_CONTEXT)')
    .option('--prefix <prefix>', 'namespace in Redis (MUTT_CONFIG_PREFIX; default mutt:config)')
    .option('--json', 'print JSON, errors too')
    .option('-q, --quiet', 'print results and errors only');
}

export function addRevealOption(command: Command): Command {
  return command.option('--reveal', 'show secrets, which are masked otherwise');
}

export function addChangeOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why; recorded with the change')
    .option(
      '--if-revision <n>',
      'only if the key is still at this revision (0: only if it is not set); of several keys: if the namespace is',
      toRevision,
    )
    .option('--no-notify', 'announce nothing: others see the change through tracking, or within seconds');
}

export function addPlanOptions(command: Command): Command {
  return command
    .option('--dry-run', 'show what would change, and write nothing')
    .option('-y, --yes', 'do not ask before a change that deletes, or of more than 10 keys')
    .option('--force', 'set even what the services that declare a key refuse; recorded as forced');
}

const examplesOf = new WeakMap<Command, { readonly examples: Examples; readonly prose: string }>();

/** Command lines, each with what it is for. */
export type Examples = Readonly<Record<string, string>>;

/** Gives a command its examples, and whatever else there is to say above them: for its help, and for the reference. */
export function addExamples(command: Command, examples: Examples, prose = ''): Command {
  examplesOf.set(command, { examples, prose });
  const lines = Object.entries(examples).flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]);
  const before = prose === '' ? [] : ['', prose];
  return command.addHelpText('after', [...before, '', 'Examples:', ...lines].join('\n'));
}

export function examplesFor(command: Command): Examples {
  return examplesOf.get(command)?.examples ?? {};
}

/** Paragraphs, none or one. */
export function proseFor(command: Command): string[] {
  const prose = examplesOf.get(command)?.prose ?? '';
  return prose === '' ? [] : [prose];
}

export function toRevision(text: string): number {
  const revision = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(revision)) return revision;
  throw new InvalidArgumentError('It is a whole number from 0.');
}

export function toCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,6}$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError('It is a whole number from 1.');
}
