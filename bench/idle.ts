import { setTimeout as sleep } from 'node:timers/promises';
import { DynamicConfig } from '@mutt/dynamic-config';
import { absolute } from './figure.ts';
import type { Bench } from './figure.ts';
import { rawClient } from './raw-client.ts';
import { withRedis } from './with-redis.ts';

const FLEET = 4;
/** After a start there is more to do: who is the keeper, is the index complete. */
const SETTLE_MS = 2_000;

/** Redis commands that each instance of a fleet sends in a minute in which nothing changes. */
export const idleBench: Bench = {
  names: ['idle_commands'],
  async run({ quick }) {
    const minutes = quick ? 1 / 3 : 1.1;
    const [fleet, alone] = await Promise.all([commandsPerMinute(FLEET, minutes), commandsPerMinute(1, minutes)]);
    const also = { a_single_keeper: alone };
    return [absolute(15, { name: 'idle_commands', unit: '/min', ours: fleet / FLEET, also })];
  },
};

async function commandsPerMinute(instances: number, minutes: number): Promise<number> {
  return withRedis(async ({ url }) => {
    const configs = await Promise.all(Array.from({ length: instances }, () => DynamicConfig.connect(url)));
    await configs[0]?.commit(Array.from({ length: 20 }, (_, n) => ({ key: `key_${n}`, value: String(n) })));
    const raw = await rawClient(url);
    await sleep(SETTLE_MS);
    const before = await commandsProcessed(raw);
    await sleep(minutes * 60_000);
    // Each INFO counts itself only afterwards, so one of the two is in the difference.
    const commands = (await commandsProcessed(raw)) - before - 1;
    raw.destroy();
    await Promise.all(configs.map((config) => config.close()));
    return commands / minutes;
  });
}

async function commandsProcessed(raw: Awaited<ReturnType<typeof rawClient>>): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await raw.info('stats'))?.[1]);
}
