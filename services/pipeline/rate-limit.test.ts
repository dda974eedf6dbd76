import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { startRedis } from '../../test/support/redis-server.ts';
import type { RedisServer } from '../../test/support/redis-server.ts';
import { takePermits } from './rate-limit.ts';
import { connectRedis } from './redis.ts';
import type { Redis } from './redis.ts';

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, 'test', pino({ level: 'silent' }));
});

afterAll(async () => {
  redis.destroy();
  await server.stop();
});

beforeEach(async () => {
  await redis.flushDb();
});

test('a counter that a peer left without expiry permits again', async () => {
  await redis.set('rate', '500');
  expect(await takePermits(redis, 'rate', 100, 10)).toEqual({ granted: 0, retryAfterMs: 1_000 });
  expect(await redis.pTTL('rate')).toBeGreaterThan(0);
});

test('permits are shared, and a raised limit is granted within the window', async () => {
  expect(await takePermits(redis, 'rate', 100, 60)).toMatchObject({ granted: 60 });
  expect(await takePermits(redis, 'rate', 100, 60)).toMatchObject({ granted: 40 });
  expect(await takePermits(redis, 'rate', 100, 60)).toMatchObject({ granted: 0 });
  expect(await takePermits(redis, 'rate', 150, 60)).toMatchObject({ granted: 50 });
});

test("a counter that counts nothing stands in nobody's way", async () => {
  await redis.set('rate', 'rubbish');
  expect(await takePermits(redis, 'rate', 100, 10)).toMatchObject({ granted: 10 });
});

test('fewer than are of use are not taken', async () => {
  expect(await takePermits(redis, 'rate', 100, 60)).toMatchObject({ granted: 60 });
  expect(await takePermits(redis, 'rate', 100, 60, { atLeast: 60 })).toMatchObject({ granted: 0 });
  expect(await redis.get('rate')).toBe('60');
});

test('paced, a tenth of the permits is there at first, and the others within the second', async () => {
  const paced = { paced: true };
  expect((await takePermits(redis, 'rate', 100, 60, paced)).granted).toBe(10);
  await redis.pExpire('rate', 450);
  expect(await takePermits(redis, 'rate', 100, 20, paced)).toMatchObject({ granted: 20 });
  const { granted, retryAfterMs } = await takePermits(redis, 'rate', 100, 60, paced);
  expect(granted).toBe(30);
  expect(retryAfterMs).toBeLessThanOrEqual(50);
  await redis.pExpire('rate', 50);
  expect((await takePermits(redis, 'rate', 100, 60, paced)).granted).toBe(40);
  expect((await takePermits(redis, 'rate', 100, 60, paced)).granted).toBe(0);
  await until('the next window', async () => (await takePermits(redis, 'rate', 100, 60, paced)).granted);
  expect(await redis.get('rate')).toBe('10');
});

test('one permit a second is granted at once', async () => {
  expect((await takePermits(redis, 'rate', 1, 5, { paced: true })).granted).toBe(1);
  expect((await takePermits(redis, 'rate', 1, 5, { paced: true })).granted).toBe(0);
});
