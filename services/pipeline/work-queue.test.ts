import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { startRedis } from '../../test/support/redis-server.ts';
import type { RedisServer } from '../../test/support/redis-server.ts';
import { failedOnce } from './dead-letter.ts';
import { offer } from './offer.ts';
import { takePermits } from './rate-limit.ts';
import { connectRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { WorkQueue } from './work-queue.ts';

const QUEUE = 'queue';
const DLQ = 'dlq';
const TIMEOUT_MS = 300;
const logger = pino({ level: 'silent' });

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, 'test', logger);
});

afterAll(async () => {
  redis.destroy();
  await server.stop();
});

beforeEach(async () => {
  await redis.flushDb();
});

function open(
  worker: string,
  {
    on = redis,
    timeoutMs = TIMEOUT_MS,
    stopping = new AbortController().signal,
    now = (): number => performance.now(),
  } = {},
): Promise<WorkQueue> {
  return WorkQueue.open(on, {
    queue: QUEUE,
    service: 'tester',
    worker,
    timeoutMs: () => timeoutMs,
    toRecovered: (item) => failedOnce(item, { queue: QUEUE, dlq: DLQ, service: 'tester', reason: 'a worker died' }),
    logger,
    stopping,
    now,
  });
}

const hands = (worker: string): Promise<string[]> => redis.lRange(`mutt:processing:tester:${worker}`, 0, -1);

test('items are offered all or none, and taken in their order', async () => {
  expect(await offer(redis, QUEUE, ['a', 'b', 'c'], 3)).toEqual({ accepted: true, length: 3 });
  expect(await offer(redis, QUEUE, ['d'], 3)).toEqual({ accepted: false, length: 3 });
  const queue = await open('w1');
  expect(await queue.take(2, 1_000)).toEqual(['a', 'b']);
  expect(await queue.take(10, 1_000)).toEqual(['c']);
  expect(await queue.take(10, 10)).toEqual([]);
  expect(await hands('w1')).toHaveLength(3);
  await queue.close();
  expect(await redis.lRange(QUEUE, 0, -1)).toEqual(['c', 'b', 'a']);
  expect(await redis.keys('mutt:*')).toEqual([]);
});

test('what is settled is moved whole, and a second time not at all', async () => {
  await offer(redis, QUEUE, ['a', 'b', 'c', 'd'], 10);
  const queue = await open('w1');
  await queue.take(10, 1_000);
  const moves = [
    { item: 'a' },
    { item: 'b', to: 'next', as: 'B' },
    { item: 'c', to: QUEUE },
    { item: 'd', to: 'next', keep: 1 },
  ];
  expect(await queue.settle(moves)).toBe(4);
  expect(await queue.settle(moves)).toBe(0);
  expect(await redis.lRange('next', 0, -1)).toEqual(['d']);
  expect(await redis.lRange(QUEUE, 0, -1)).toEqual(['c']);
  expect(await hands('w1')).toEqual([]);
  await queue.close();
});

test('a list that is none loses nothing', async () => {
  await redis.set('next', 'a string');
  await offer(redis, QUEUE, ['a', 'b'], 10);
  const queue = await open('w1');
  await queue.take(10, 1_000);
  const settled = queue.settle([{ item: 'a' }, { item: 'b', to: 'next' }]);
  expect(await hands('w1')).toEqual(['b', 'a']);
  await until('it says so', () => queue.problem?.includes('next is a string') ?? false);
  await redis.del('next');
  expect(await settled).toBe(2);
  expect(queue.problem).toBeNull();
  await queue.close();
});

test('what a dead worker had in hand is put back with an attempt counted, and the third time set aside', async () => {
  const living = await open('living');
  await redis.sAdd('mutt:workers:tester', 'dead');
  await redis.lPush('mutt:processing:tester:dead', ['{"id":"1"}', '{"id":"2","attempts":2}', 'rubbish']);
  await until(
    'the dead worker is forgotten',
    async () => !(await redis.sMembers('mutt:workers:tester')).includes('dead'),
  );
  expect(await redis.lRange(QUEUE, 0, -1)).toEqual(['{"id":"1","attempts":1}']);
  const dead = (await redis.lRange(DLQ, 0, -1)).map((text) => JSON.parse(text) as { item: string; reason: string });
  expect(dead.map(({ item }) => item).toSorted()).toEqual(['rubbish', '{"id":"2","attempts":2}']);
  expect(dead.map(({ reason }) => reason)).toEqual(['a worker died', 'a worker died']);
  expect(await redis.exists('mutt:processing:tester:living')).toBe(0);
  await living.close();
});

test('a worker that missed its own heartbeats keeps what it has in hand', async () => {
  await offer(redis, QUEUE, ['a'], 10);
  const queue = await open('w1', { timeoutMs: 1 });
  expect(await queue.take(1, 1_000)).toEqual(['a']);
  for (const dead of ['dead', 'another']) {
    await redis.sAdd('mutt:workers:tester', dead);
    await until('it looked for dead workers', async () => (await redis.sIsMember('mutt:workers:tester', dead)) === 0);
  }
  expect(await hands('w1')).toEqual(['a']);
  await queue.close();
});

test('an item that was moved as the connection was cut comes with the next take', async () => {
  const queue = await open('w1');
  // As if the reply had been lost on the way.
  await redis.lPush('mutt:processing:tester:w1', 'forgotten');
  const taken = queue.take(10, 4_000);
  taken.catch(() => {});
  await until('the worker waits', async () => (await redis.info('clients')).includes('blocked_clients:1'));
  await server.cli('CLIENT', 'KILL', 'TYPE', 'normal');
  await expect(taken).rejects.toThrow();
  expect(await until('Redis is there again', () => queue.take(10, 10).catch(() => null))).toEqual(['forgotten']);
  await queue.settle([{ item: 'forgotten' }]);
  await queue.close();
});

test('what cannot be settled as the service is to end is put back, instead of being tried without end', async () => {
  await redis.set('next', 'a string');
  await offer(redis, QUEUE, ['a'], 10);
  const stopping = new AbortController();
  let now = 0;
  const queue = await open('w1', { stopping: stopping.signal, now: () => now });
  await queue.take(1, 1_000);
  const settled = queue.settle([{ item: 'a', to: 'next' }]);
  settled.catch(() => {});
  await until('it was tried', () => queue.problem !== null);
  now = 5_001;
  stopping.abort();
  await expect(settled).rejects.toThrow('WRONGTYPE');
  await queue.close();
  expect(await redis.lRange(QUEUE, 0, -1)).toEqual(['a']);
});

test('a full Redis takes nothing in, and what is in it is worked on all the same: that makes room', async () => {
  await offer(redis, QUEUE, ['a', 'b', 'c'], 10);
  await server.cli('CONFIG', 'SET', 'maxmemory', '1');
  try {
    await expect(offer(redis, QUEUE, ['d'], 10)).rejects.toThrow('OOM');
    const queue = await open('w1');
    expect(await queue.take(2, 1_000)).toEqual(['a', 'b']);
    expect(await takePermits(redis, 'rate', 100, 10)).toMatchObject({ granted: 10 });
    expect(await queue.settle([{ item: 'a' }, { item: 'b', to: 'next' }])).toBe(2);
    expect(await redis.exists('mutt:heartbeat:tester:w1')).toBe(1);
    await queue.close();
  } finally {
    await server.cli('CONFIG', 'SET', 'maxmemory', '0');
  }
  expect([await redis.lRange(QUEUE, 0, -1), await redis.lRange('next', 0, -1)]).toEqual([['c'], ['b']]);
});
