import type { Command } from 'commander';

export interface OutputOptions {
  readonly json?: boolean;
}

/** For commands that connect to nothing. */
export function addOutputOptions(command: Command): Command {
  return command.option('--json', 'print JSON, errors too').option('-q, --quiet', 'print results and errors only');
}
