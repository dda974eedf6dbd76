import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { madeOnce } from '../../../test/support/made-once.ts';
import { bundle } from '../scripts/bundle.mjs';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
/** Modules that declare settings import the library: from its sources, too. */
const FROM_SOURCES = ['--conditions=@mutt/source', '--import', 'tsx', 'src/main.ts'];

/** Whatever contexts the person has who runs the tests, no test sees them. */
export const NOBODYS_HOME = join(tmpdir(), 'muttctl-of-nobody');

/** The command line as it is shipped, made of the sources as they are now, once for a run of the tests. */
export async function bundledMuttctl(): Promise<string> {
  return join(await madeOnce('muttctl', bundle), 'bundle/js/main.js');
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** Runs the command line as a process of its own, in an environment of nothing but `env`. */
export async function runMuttctl(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const running = await startMuttctl(args, options);
  running.process.stdin.on('error', () => {});
  running.process.stdin.end(options.stdin ?? '');
  return running.ended;
}

export interface RunningMuttctl {
  readonly process: ChildProcessWithoutNullStreams;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Outcome>;
}

/** `serve` finds the server only from where muttctl is installed; both are run as they were built. */
async function programFor(args: readonly string[]): Promise<readonly string[]> {
  if (args[0] === 'serve') return ['bin/muttctl.js'];
  return args.includes('--settings') ? FROM_SOURCES : [await bundledMuttctl()];
}

export async function startMuttctl(
  args: readonly string[],
  { env = {}, cwd = PACKAGE }: RunOptions = {},
): Promise<RunningMuttctl> {
  const program = await programFor(args);
  const child = spawn(process.execPath, [...program, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], MUTTCTL_HOME: NOBODYS_HOME, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(() => ({ stdout, stderr, exitCode: child.exitCode }));
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}
