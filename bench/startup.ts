import { BenchProcess } from './bench-process.ts';
import { atMost, median } from './figure.ts';
import type { Bench } from './figure.ts';
import { keepManySettings } from './many-settings.ts';
import { withRedis } from './with-redis.ts';

const FOREIGN_KEYS = 1_000_000;
const FILL = `for n = ARGV[1], ARGV[2] do redis.call('SET', 'foreign:' .. n, n) end`;
const FILL_AT_ONCE = 50_000;

/**
 * A start with 10,000 settings, in a process that has started nothing yet, against one `MGET` of the same keys in
 * another; both include making the connection. And the same start beside a million keys of others.
 */
export const startupBench: Bench = {
  names: ['startup_10k', 'startup_foreign_keys'],
  run: ({ quick }) =>
    withRedis(async (alone) =>
      withRedis(async (crowded) => {
        const keepers = [await keepManySettings(alone), await keepManySettings(crowded)];
        for (let n = 0; n < FOREIGN_KEYS; n += FILL_AT_ONCE) {
          await crowded.cli('EVAL', FILL, '0', String(n + 1), String(n + FILL_AT_ONCE));
        }
        const floors: number[] = [];
        const ours: number[] = [];
        const besideOthers: number[] = [];
        for (let round = 0; round < (quick ? 5 : 15); round++) {
          floors.push(await start('mget', alone.url));
          ours.push(await start('connect', alone.url));
          besideOthers.push(await start('connect', crowded.url));
        }
        await Promise.all(keepers.map((keeper) => keeper.close()));
        const [our, floor, beside] = [median(ours), median(floors), median(besideOthers)];
        return [
          atMost(3, { name: 'startup_10k', unit: 'ms', ours: our, floor }),
          atMost(1.1, { name: 'startup_foreign_keys', unit: 'ms', ours: beside, floor: our }),
        ];
      }),
    ),
};

/** Milliseconds of one start, in a process of its own. */
async function start(what: 'mget' | 'connect', url: string): Promise<number> {
  const process = await BenchProcess.start('startup-process.ts', [what, url]);
  process.send('go');
  const elapsedMs = Number(await process.next());
  await process.stop();
  return elapsedMs;
}
