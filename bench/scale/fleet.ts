import { setTimeout as sleep } from 'node:timers/promises';
import { BenchProcess } from '../bench-process.ts';
import type { AllTold } from './instances-process.ts';

const PROCESSES = 4;
/** A change that has not arrived everywhere by then is given up, with the whole measure. */
const PATIENCE_MS = 60_000;

/** Many instances in a few processes, which are told of one change after the other. */
export class Fleet {
  readonly processes: readonly BenchProcess[];

  private constructor(processes: readonly BenchProcess[]) {
    this.processes = processes;
  }

  /** @param addresses of the stores: the processes take turns in them. */
  static async start(instances: number, addresses: readonly string[], apiKey = ''): Promise<Fleet> {
    const each = String(Math.ceil(instances / PROCESSES));
    const starting = Array.from({ length: PROCESSES }, (_, n) =>
      BenchProcess.start('scale/instances-process.ts', [addresses[n % addresses.length] ?? '', each, apiKey]),
    );
    return new Fleet(await Promise.all(starting));
  }

  /** For each instance, the milliseconds from just before `send` until it was told of `id`. */
  async change(id: string, send: (id: string) => Promise<unknown>): Promise<number[]> {
    const told = Promise.all(this.processes.map((process) => allTold(process, id)));
    const startNs = Number(process.hrtime.bigint());
    await send(id);
    const late = sleep(PATIENCE_MS, null, { ref: false });
    const moments = await Promise.race([told, late]);
    if (moments === null) throw new Error(`Not every instance was told within ${PATIENCE_MS / 1_000} s.`);
    return moments.flat().map((atNs) => (atNs - startNs) / 1e6);
  }

  /** Milliseconds of processor time that all of it has used. */
  async cpuMs(): Promise<number> {
    const used = await Promise.all(
      this.processes.map(async (process) => {
        const answer = process.next();
        process.send('cpu');
        return Number(await answer);
      }),
    );
    return used.reduce((sum, one) => sum + one, 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
  }
}

async function allTold(process: BenchProcess, wanted: string): Promise<readonly number[]> {
  for (;;) {
    const { id, atNs } = (await process.next()) as AllTold;
    if (id === wanted) return atNs;
  }
}
