import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import type { RedisServer } from './redis-server.ts';

/** Waits until a keeper has compared the index with all keys: its token marks the index. */
export async function indexIsComplete(redis: RedisServer): Promise<void> {
  await until('the index is complete', async () => {
    const token = await redis.cli('GET', 'mutt:config@keeper');
    return token !== '' && token === (await redis.cli('HGET', 'mutt:config@index', ''));
  });
}
