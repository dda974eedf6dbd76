import { DynamicConfig } from '@mutt/dynamic-config';
import { atMost, median, quantile } from './figure.ts';
import type { Bench } from './figure.ts';
import { Listeners } from './listeners.ts';
import { rawClient } from './raw-client.ts';
import { withRedis } from './with-redis.ts';

const WARM_UP = 500;

/** `set` in one process until the callback in another, against a raw `PUBLISH` until the message, one after the other. */
export const propagationBench: Bench = {
  names: ['propagation_p50', 'propagation_p99'],
  run: ({ quick }) =>
    withRedis(async ({ url }) => {
      const listeners = await Listeners.start({ processes: 1 }, url);
      const config = await DynamicConfig.connect(url);
      const raw = await rawClient(url);
      const floors: number[] = [];
      const ours: number[] = [];
      for (let round = -WARM_UP; round < (quick ? 1_000 : 5_000); round++) {
        const floor = await listeners.timed(`raw-${round}`, (id) => raw.publish('bench-raw', id));
        const our = await listeners.timed(`set-${round}`, (id) => config.set('bench', id));
        if (round < 0) continue;
        floors.push(floor);
        ours.push(our);
      }
      await listeners.stop();
      await config.close();
      raw.destroy();
      const of = (q: number): { ours: number; floor: number } => ({
        ours: quantile(ours, q),
        floor: quantile(floors, q),
      });
      return [
        atMost(1.3, { name: 'propagation_p50', unit: 'ms', ...of(0.5) }),
        atMost(1.5, { name: 'propagation_p99', unit: 'ms', ...of(0.99) }),
      ];
    }),
};

/** A raw `SET`, of somebody who knows nothing of us, until the callback in another process; against a round trip. */
export const rawSetBench: Bench = {
  names: ['raw_set_visible_p50'],
  run: ({ quick }) =>
    withRedis(async ({ url }) => {
      const listeners = await Listeners.start({ processes: 1 }, url);
      const raw = await rawClient(url);
      const floors: number[] = [];
      const ours: number[] = [];
      for (let round = -WARM_UP; round < (quick ? 500 : 2_500); round++) {
        const startedAt = performance.now();
        await raw.ping();
        const floor = performance.now() - startedAt;
        const our = await listeners.timed(`raw-set-${round}`, (id) => raw.set('mutt:config:bench', id));
        if (round < 0) continue;
        floors.push(floor);
        ours.push(our);
      }
      await listeners.stop();
      raw.destroy();
      const p50 = median(ours);
      const figure = { name: 'raw_set_visible_p50', unit: 'ms', ours: p50, floor: median(floors) };
      const also = { p99: quantile(ours, 0.99) };
      return [atMost(4, { ...figure, also }, { what: 'p50', value: p50, most: 50 })];
    }),
};
