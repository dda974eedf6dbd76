import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of a bench; it ends with this one at the latest. */
export class BenchProcess {
  /** What it said when it was ready. */
  firstMessage: unknown = null;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts a module of this folder, and waits for its first message. */
  static async start(module: string, args: readonly string[], execArgv: readonly string[] = []): Promise<BenchProcess> {
    const child = fork(fileURLToPath(new URL(module, import.meta.url)), args, {
      execArgv: [...process.execArgv, ...execArgv],
    });
    const process_ = new BenchProcess(child);
    process_.firstMessage = await process_.next();
    return process_;
  }

  /** Calls `listener` with each message from now on. */
  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  send(message: string): void {
    this.#child.send(message);
  }

  /** The next message that it sends. */
  async next(): Promise<unknown> {
    const ended = new AbortController();
    const onExit = (): void => ended.abort(new Error('A process of the bench ended early.'));
    this.#child.once('exit', onExit);
    try {
      const [message] = (await once(this.#child, 'message', { signal: ended.signal })) as [unknown];
      return message;
    } finally {
      this.#child.off('exit', onExit);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

/** For such a process: ends it when its parent is gone. */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit(0));
}

/** For such a process: says something to its parent. */
export function tellParent(message: unknown): void {
  process.send?.(message);
}
