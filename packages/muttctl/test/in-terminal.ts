import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@mutt/dynamic-config/testing';
import { bundledMuttctl, NOBODYS_HOME, type RunOptions } from './run-muttctl.ts';

export interface TerminalOutcome {
  /** All that the terminal was sent: stdout, stderr, colours and all. */
  readonly screen: string;
  readonly exitCode: number | null;
}

/** What to type, each when the screen shows something. */
export type Typing = readonly (readonly [whenShown: string, keys: string])[];

/** Runs the command line in a pseudo-terminal of 100 columns. */
export async function runInTerminal(
  args: readonly string[],
  typing: Typing,
  { env = {} }: Pick<RunOptions, 'env'> = {},
): Promise<TerminalOutcome> {
  const quoted = [process.execPath, await bundledMuttctl(), ...args].map(
    (word) => `'${word.replaceAll("'", `'\\''`)}'`,
  );
  const child = spawn('script', ['-qefc', `stty cols 100 rows 40; exec ${quoted.join(' ')}`, '/dev/null'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      MUTTCTL_HOME: NOBODYS_HOME,
      TERM: 'xterm-256color',
      SHELL: '/bin/sh',
      ...env,
    },
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (screen += text));
  const ended = once(child, 'close');
  for (const [whenShown, keys] of typing) {
    await until(`the terminal shows ${whenShown}`, () => {
      if (child.exitCode !== null) throw new Error(`It ended, and showed: ${screen}`);
      return screen.includes(whenShown);
    });
    child.stdin.write(keys);
  }
  await ended;
  return { screen, exitCode: child.exitCode };
}
