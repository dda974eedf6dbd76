import { InvalidArgumentError, type Command } from 'commander';

/** What every command that reads or changes settings accepts. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly prefix?: string;
  readonly json?: boolean;
}

/** What every command that shows values accepts, too. */
export interface RevealOptions extends ConnectionOptions {
  readonly reveal?: boolean;
}

/** What every command that changes settings accepts, too. */
export interface ChangeOptions extends ConnectionOptions {
  readonly reason?: string;
  readonly ifRevision?: number;
  readonly notify: boolean;
}

export function addConnectionOptions(command: Command): Command {
  return command
    .option('--url <url>', 'redis://…, rediss://…, or http(s)://… of a server (MUTT_CONFIG_URL)')
    .option('--prefix <prefix>', 'namespace in Redis (MUTT_CONFIG_PREFIX; default mutt:config)')
    .option('--json', 'print JSON, errors too');
}

export function addRevealOption(command: Command): Command {
  return command.option('--reveal', 'show secrets, which are masked otherwise');
}

export function addChangeOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why; recorded with the change')
    .option('--if-revision <n>', 'only if the key is still at this revision (0: only if it is not set)', toRevision)
    .option('--no-notify', 'announce nothing: others see the change through tracking, or within seconds');
}

/** Help text with examples, each with what it is for. */
export function examples(purposes: Readonly<Record<string, string>>): string {
  const lines = Object.entries(purposes).flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]);
  return ['', 'Examples:', ...lines].join('\n');
}

function toRevision(text: string): number {
  const revision = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(revision)) return revision;
  throw new InvalidArgumentError('It is a whole number from 0.');
}
