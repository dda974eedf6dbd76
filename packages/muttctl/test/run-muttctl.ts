import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const ARGUMENTS = ['--conditions=@mutt/source', '--import', 'tsx', 'src/main.ts'];

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
}

/** Runs the command line from its source as a process of its own, in an environment of nothing but `env`. */
export async function runMuttctl(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const running = startMuttctl(args, options);
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

export function startMuttctl(args: readonly string[], { env = {} }: RunOptions = {}): RunningMuttctl {
  const child = spawn(process.execPath, [...ARGUMENTS, ...args], {
    cwd: PACKAGE,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(() => ({ stdout, stderr, exitCode: child.exitCode }));
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}
