import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { bundleProgram } from './bundle-program.ts';

/** A TypeScript file running as a process of its own, whose lines on stdout are collected. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
  /** Each line that is JSON. */
  json<T>(): T[];
  /** Resolves with its exit code when it has ended by itself. */
  readonly exited: Promise<number | null>;
  /** Ends it with a signal and resolves with its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function startChild(file: URL, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const child = spawn(process.execPath, ['--enable-source-maps', await bundleProgram(file), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => {
    process.off('exit', killAtExit);
    return code ?? null;
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return {
    process: child,
    lines,
    exited,
    json: <T>() => lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as T] : [])),
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}
