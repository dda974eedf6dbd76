import { BenchProcess } from './bench-process.ts';
import { atMost, median } from './figure.ts';
import type { Bench } from './figure.ts';
import { keepManySettings } from './many-settings.ts';
import { withRedis } from './with-redis.ts';

/** The heap of an instance with 10,000 settings, against a Map of the same keys and values. */
export const memoryBench: Bench = {
  names: ['memory_10k'],
  run: ({ quick }) =>
    withRedis(async (redis) => {
      const keeper = await keepManySettings(redis);
      const floors: number[] = [];
      const ours: number[] = [];
      for (let round = 0; round < (quick ? 3 : 5); round++) {
        floors.push(await heap('map', redis.url));
        ours.push(await heap('connect', redis.url));
      }
      await keeper.close();
      return [atMost(2.5, { name: 'memory_10k', unit: 'kB', ours: median(ours), floor: median(floors) })];
    }),
};

async function heap(what: 'map' | 'connect', url: string): Promise<number> {
  const process = await BenchProcess.start('memory-process.ts', [what, url], ['--expose-gc']);
  process.send('go');
  const bytes = Number(await process.next());
  await process.stop();
  return bytes / 1_000;
}
