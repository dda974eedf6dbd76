import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 60_000;
/** A drain takes up to 20 s. */
const STOP_MS = 25_000;
const KEPT_OUTPUT = 64 * 1024;

export interface ProgramOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  isReady(output: string): Promise<boolean>;
}

/** A process that is to run until it is stopped. */
export class Program {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';
  #isToEnd = false;
  #diedAlone = false;

  private constructor({ name, command, args, env }: ProgramOptions) {
    this.name = name;
    // A group of its own: Ctrl-C in a terminal goes to the demo alone, which then ends all in order.
    this.#child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const keep = (chunk: Buffer): void => void (this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT));
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    const killAtExit = (): void => void this.#child.kill('SIGKILL');
    process.once('exit', killAtExit);
    const ended = (): void => {
      process.off('exit', killAtExit);
      this.#diedAlone = !this.#isToEnd;
    };
    this.#ended = Promise.race([once(this.#child, 'exit'), once(this.#child, 'error')]).then(ended, ended);
  }

  /** @throws when it ended, or was not ready within a minute, with the end of what it wrote. */
  static async start(options: ProgramOptions): Promise<Program> {
    const program = new Program(options);
    const deadline = performance.now() + READY_MS;
    while (!(await options.isReady(program.output).catch(() => false))) {
      const isDead = program.#child.exitCode !== null || program.#child.pid === undefined;
      if (isDead || performance.now() > deadline) {
        await program.kill();
        throw new Error(`${options.name} ${isDead ? 'ended' : 'is not ready'}:\n${program.output.slice(-2_000)}`);
      }
      await sleep(50);
    }
    return program;
  }

  /** The end of what it wrote. */
  get output(): string {
    return this.#output;
  }

  /** Whether it ended without being told to. */
  get diedAlone(): boolean {
    return this.#diedAlone;
  }

  /** Ends it in order; by force after 25 s. */
  async stop(): Promise<void> {
    this.#isToEnd = true;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** As a crash would end it. */
  async kill(): Promise<void> {
    this.#isToEnd = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
