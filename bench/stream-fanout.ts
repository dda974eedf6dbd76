import { atMost, median, quantile } from './figure.ts';
import type { Bench } from './figure.ts';
import { BENCH_KEY, startBenchServer } from './http-server.ts';
import { Listeners } from './listeners.ts';
import { rawClient } from './raw-client.ts';
import { withRedis } from './with-redis.ts';

const PROCESSES = 4;
const CLIENTS = 1_000;
const WARM_UP_ROUNDS = 20;

/** One change over HTTP until the last of 1,000 event streams has it, against a message to 1,000 raw subscribers. */
export const streamFanoutBench: Bench = {
  names: ['sse_fanout_1000'],
  run: ({ quick }) =>
    withRedis(async ({ url: redisUrl }) => {
      const server = await startBenchServer('ours', redisUrl);
      const listeners = await Listeners.start(
        { processes: PROCESSES, module: 'stream-listener-process.ts' },
        server.url.href,
        redisUrl,
        String(CLIENTS / PROCESSES),
      );
      const raw = await rawClient(redisUrl);
      const [ours, floors]: [number[], number[]] = [[], []];
      for (let round = -WARM_UP_ROUNDS; round < (quick ? 50 : 300); round++) {
        const floor = await listeners.timed(`raw-${round}`, (id) => raw.publish('bench-raw', id));
        const our = await listeners.timed(`set-${round}`, (id) => put(server.url, id));
        if (round < 0) continue;
        floors.push(floor);
        ours.push(our);
      }
      await listeners.stop();
      await server.stop();
      raw.destroy();
      const also = { p50: median(ours), floor_p50: median(floors) };
      const [p99, floorP99] = [quantile(ours, 0.99), quantile(floors, 0.99)];
      return [atMost(4, { name: 'sse_fanout_1000', unit: 'ms', ours: p99, floor: floorP99, also })];
    }),
};

async function put(url: URL, value: string): Promise<void> {
  const { ok, status } = await fetch(new URL('/api/v1/config/bench', url), {
    method: 'PUT',
    headers: { 'x-api-key': BENCH_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ value }),
  });
  if (!ok) throw new Error(`The key could not be set: ${status}.`);
}
