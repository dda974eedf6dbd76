import { DynamicConfig } from '@mutt/dynamic-config';
import { atLeast, median } from './figure.ts';
import type { Bench } from './figure.ts';
import { rawClient } from './raw-client.ts';
import { withRedis } from './with-redis.ts';

const WARM_UP = 5;
const BLOCK = 2_000;
const KEYS = 100;

/**
 * Commits per second, all of a block under way at once, against pairs of `SET` and `PUBLISH`. Both writers also hear of
 * what they write, as an instance does.
 */
export const commitRateBench: Bench = {
  names: ['commit_rate'],
  run: ({ quick }) =>
    withRedis(async ({ url }) => {
      const config = await DynamicConfig.connect(url);
      const raw = await rawClient(url);
      const subscriber = await rawClient(url);
      await subscriber.subscribe('bench-raw', () => {});
      const floors: number[] = [];
      const ours: number[] = [];
      for (let block = -WARM_UP; block < (quick ? 8 : 40); block++) {
        const floor = await perSecond(async (n) => {
          await Promise.all([
            raw.set(`raw:key_${n % KEYS}`, `${block}-${n}`),
            raw.publish('bench-raw', `key_${n % KEYS}`),
          ]);
        });
        const our = await perSecond((n) => config.set(`key_${n % KEYS}`, `${block}-${n}`));
        if (block < 0) continue;
        floors.push(floor);
        ours.push(our);
      }
      await config.close();
      raw.destroy();
      subscriber.destroy();
      return [atLeast(0.8, { name: 'commit_rate', unit: '/s', ours: median(ours), floor: median(floors) })];
    }),
};

async function perSecond(write: (n: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: BLOCK }, (_, n) => write(n)));
  return (BLOCK * 1_000) / (performance.now() - startedAt);
}
