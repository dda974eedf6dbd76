import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DynamicConfig } from '@mutt/dynamic-config';
import { createClient } from '@redis/client';
import type { Measurement } from './report.ts';

const WARM_UP = 200;

/** `set` in one process until the callback in another, against a raw `PUBLISH` until the message, one after the other. */
export async function benchPropagation(url: string, rounds: number): Promise<Measurement[]> {
  const peer = fork(fileURLToPath(new URL('propagation-peer.ts', import.meta.url)), [url]);
  await once(peer, 'message');
  const config = await DynamicConfig.connect(url);
  const raw = createClient({ url });
  raw.on('error', () => {});
  await raw.connect();

  const floors: number[] = [];
  const ours: number[] = [];
  for (let round = -WARM_UP; round < rounds; round++) {
    const floor = await timed(peer, `raw-${round}`, (id) => raw.publish('bench-raw', id));
    const our = await timed(peer, `set-${round}`, (id) => config.set('bench', id));
    if (round < 0) continue;
    floors.push(floor);
    ours.push(our);
  }
  peer.disconnect();
  await config.close();
  raw.destroy();
  const at = (percentile: number): Pick<Measurement, 'floor' | 'ours'> => ({
    floor: quantile(floors, percentile),
    ours: quantile(ours, percentile),
  });
  return [
    { name: 'propagation_p50', unit: 'ms', ...at(0.5), goal: 1.5 },
    { name: 'propagation_p99', unit: 'ms', ...at(0.99), goal: 1.5 },
  ];
}

/** Milliseconds from just before `send` until the peer was told of `id`. */
async function timed(peer: ChildProcess, id: string, send: (id: string) => Promise<unknown>): Promise<number> {
  const told = new Promise<bigint>((resolve) => {
    const listener = (message: { id: string; at: string }): void => {
      if (message.id !== id) return;
      peer.off('message', listener);
      resolve(BigInt(message.at));
    };
    peer.on('message', listener);
  });
  const start = process.hrtime.bigint();
  await send(id);
  return Number((await told) - start) / 1e6;
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(Math.floor(values.length * q), values.length - 1)] ?? Number.NaN;
}
