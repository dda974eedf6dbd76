import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { startRedis } from '../../../../test/support/redis-server.ts';
import type { RedisServer } from '../../../../test/support/redis-server.ts';
import { describeConfigStore } from '../testing/index.ts';
import { RedisStore } from './redis-store.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describeConfigStore('RedisStore', async () => {
  const prefix = `test-${randomUUID()}:config`;
  const store = RedisStore.open(redis.url, { prefix });
  const other = RedisStore.open(redis.url, { prefix });
  return {
    store,
    other,
    close: async () => {
      await store.close();
      await other.close();
    },
  };
});
