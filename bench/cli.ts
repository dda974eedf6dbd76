import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { bundle } from '../packages/muttctl/scripts/bundle.mjs';
import { absolute, atMost, median } from './figure.ts';
import type { Bench } from './figure.ts';
import { keepManySettings, settingKeys } from './many-settings.ts';
import { withRedis } from './with-redis.ts';

const MUTTCTL = fileURLToPath(new URL('../packages/muttctl/bin/muttctl.js', import.meta.url));

/** `muttctl config get`, from the start of its process to the end, against a Node that does nothing; and a long list. */
export const cliBench: Bench = {
  names: ['cli_cold_start', 'cli_list_10k'],
  run: ({ quick }) =>
    withRedis(async (redis) => {
      await bundle();
      const keeper = await keepManySettings(redis);
      const [key = ''] = settingKeys();
      const floors: number[] = [];
      const gets: number[] = [];
      const lists: number[] = [];
      for (let round = 0; round < (quick ? 7 : 25); round++) {
        floors.push(await run('-e', '0'));
        gets.push(await run(MUTTCTL, 'config', 'get', key, '--url', redis.url));
        lists.push(await run(MUTTCTL, 'config', 'list', '--url', redis.url));
      }
      await keeper.close();
      const [floor, get, list] = [median(floors), median(gets), median(lists)];
      return [
        atMost(2.2, { name: 'cli_cold_start', unit: 'ms', ours: get, floor }),
        absolute(1_000, { name: 'cli_list_10k', unit: 'ms', ours: list - get, also: { list, get } }),
      ];
    }),
};

/** Milliseconds of one process. */
async function run(...args: string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}.`);
  return performance.now() - startedAt;
}
