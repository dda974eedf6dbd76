import { DynamicConfig } from '@mutt/dynamic-config';
import type { RedisServer } from '../test/support/redis-server.ts';
import { indexIsComplete } from '../test/support/index-is-complete.ts';

const SETTINGS = 10_000;
const IN_ONE_CHANGE_SET = 1_000;

/** Puts 10,000 settings into a Redis; resolves to an instance that keeps their index, when that is complete. */
export async function keepManySettings(redis: RedisServer): Promise<DynamicConfig> {
  const keeper = await DynamicConfig.connect(redis.url);
  for (let n = 0; n < SETTINGS; n += IN_ONE_CHANGE_SET) {
    const changes = Array.from({ length: IN_ONE_CHANGE_SET }, (_, i) => setting(n + i));
    await keeper.commit(changes);
  }
  await indexIsComplete(redis);
  return keeper;
}

export function settingKeys(): string[] {
  return Array.from({ length: SETTINGS }, (_, n) => setting(n).key);
}

function setting(n: number): { key: string; value: string } {
  return { key: `service_${n % 25}.limit_${String(n).padStart(5, '0')}`, value: `${n * 7} per second` };
}
