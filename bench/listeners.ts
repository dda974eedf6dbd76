import { BenchProcess } from './bench-process.ts';
import type { Told } from './listener-process.ts';

/** Instances in other processes that are told of changes, and raw subscribers beside them. */
export class Listeners {
  readonly #processes: readonly BenchProcess[];
  #awaited: { readonly id: string; readonly resolve: (atNs: bigint) => void } | null = null;
  #missing = 0;
  #lastNs = 0n;

  private constructor(processes: readonly BenchProcess[]) {
    this.#processes = processes;
    for (const process of processes) process.onMessage((message) => this.#told(message as Told));
  }

  /** @param module what runs in each of the processes: it tells its parent of each value, like `listener-process.ts`. */
  static async start(
    { processes, module = 'listener-process.ts' }: { processes: number; module?: string },
    ...args: readonly string[]
  ): Promise<Listeners> {
    const starting = Array.from({ length: processes }, () => BenchProcess.start(module, args));
    return new Listeners(await Promise.all(starting));
  }

  /** Milliseconds from just before `send` until the last listener was told of `id`. */
  async timed(id: string, send: (id: string) => Promise<unknown>): Promise<number> {
    this.#missing = this.#processes.length;
    this.#lastNs = 0n;
    const told = new Promise<bigint>((resolve) => (this.#awaited = { id, resolve }));
    const startNs = process.hrtime.bigint();
    await send(id);
    return Number((await told) - startNs) / 1e6;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
  }

  #told({ id, atNs }: Told): void {
    if (id !== this.#awaited?.id) return;
    const at = BigInt(atNs);
    if (at > this.#lastNs) this.#lastNs = at;
    this.#missing -= 1;
    if (this.#missing === 0) this.#awaited.resolve(this.#lastNs);
  }
}
