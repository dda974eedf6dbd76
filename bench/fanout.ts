import { setTimeout as sleep } from 'node:timers/promises';
import { DynamicConfig } from '@mutt/dynamic-config';
import { atMost, median, quantile } from './figure.ts';
import type { Bench } from './figure.ts';
import { Listeners } from './listeners.ts';
import { rawClient } from './raw-client.ts';
import { withRedis } from './with-redis.ts';

const PROCESSES = 4;
const INSTANCES = 1_000;
const WARM_UP_BLOCKS = 4;
const BLOCK = 3;
/** Instances look again, up to a second after a change and spread over that time: it is no part of the way of a change. */
const QUIET_MS = 1_300;

/** One change until the last of 1,000 instances has run its callback, against a message to 1,000 raw subscribers. */
export const fanoutBench: Bench = {
  names: ['fanout_1000'],
  run: ({ quick }) =>
    withRedis(async ({ url }) => {
      const listeners = await Listeners.start({ processes: PROCESSES }, url, String(INSTANCES / PROCESSES));
      const config = await DynamicConfig.connect(url);
      const raw = await rawClient(url);
      const floors: number[] = [];
      const ours: number[] = [];
      for (let block = -WARM_UP_BLOCKS; block < (quick ? 6 : 35); block++) {
        for (let n = 0; n < BLOCK; n++) {
          const floor = await listeners.timed(`raw-${block}-${n}`, (id) => raw.publish('bench-raw', id));
          if (block >= 0) floors.push(floor);
        }
        for (let n = 0; n < BLOCK; n++) {
          const our = await listeners.timed(`set-${block}-${n}`, (id) => config.set('bench', id));
          if (block >= 0) ours.push(our);
        }
        await sleep(QUIET_MS);
      }
      await listeners.stop();
      await config.close();
      raw.destroy();
      const p99 = quantile(ours, 0.99);
      const also = { p99, floor_p99: quantile(floors, 0.99) };
      const figure = { name: 'fanout_1000', unit: 'ms', ours: median(ours), floor: median(floors), also };
      return [atMost(1.25, figure, { what: 'p99', value: p99, most: 50 })];
    }),
};
