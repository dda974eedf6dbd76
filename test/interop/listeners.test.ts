import { createClient } from '@redis/client';
import { DynamicConfig } from '@mutt/dynamic-config';
import { RedisStore } from '@mutt/dynamic-config/redis';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';

let redis: RedisServer;
const cleanUps: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  await until('nobody listens', async () => (await redis.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).trim() === '');
});
afterAll(() => redis.stop());

function open(url = redis.url, options = {}): RedisStore {
  const store = RedisStore.open(url, options);
  cleanUps.push(() => store.close());
  return store;
}

async function connect(name: string, version: string, options = {}): Promise<void> {
  const config = await DynamicConfig.connect(redis.url, { service: { name, version }, ...options });
  cleanUps.push(() => config.close());
}

/** A client of somebody else's that listens to channels. */
async function listen(name: string, ...channels: string[]): Promise<void> {
  const client = createClient({ url: redis.url, name });
  client.on('error', () => {});
  await client.connect();
  cleanUps.push(async () => client.destroy());
  await client.subscribe(channels, () => {});
}

describe('who listens to a namespace', () => {
  it('is told with service, version and whereabouts; others are counted', async () => {
    await connect('mail sender', '1.2.0');
    await connect('alerter', '');
    await connect('of another namespace', '1', { prefix: 'other' });
    await listen('legacy', 'mutt:config:updates');
    const { instances, ...rest } = await open().listeners();
    expect(rest).toEqual({ count: 2, otherSubscribers: 1, incomplete: null });
    const services = instances.map(({ service, version }) => `${service} ${version}`);
    expect(services.toSorted()).toEqual(['alerter null', 'mail sender 1.2.0']);
    expect(instances[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      pid: process.pid,
      address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      connectedForS: expect.any(Number) as number,
    });
  });

  it('has those of older versions, which do not say who they are', async () => {
    await connect('new', '2');
    await listen('mutt-dynamic-config', 'mutt:config@changes', 'mutt:config:updates');
    await listen('mutt-dynamic-config', 'other@changes', 'other:updates');
    const { instances, count } = await open().listeners();
    expect(count).toBe(2);
    expect(new Set(instances.map(({ service }) => service))).toEqual(new Set(['new', null]));
  });

  it('is told as far as one may ask, and what is missing', async () => {
    await connect('forwarder', '1');
    const rights = ['on', '>pw', '~*', '&*', '+@all'];
    await redis.cli('ACL', 'SETUSER', 'half', ...rights, '-client|list');
    await redis.cli('ACL', 'SETUSER', 'none', ...rights, '-client|list', '-pubsub|numsub');
    const as = (user: string): string => redis.url.replace('redis://', `redis://${user}:pw@`);
    expect(await open(as('half')).listeners()).toEqual({
      instances: [],
      count: 1,
      otherSubscribers: 0,
      incomplete: 'The user of this connection may not list who is connected: grant it +client|list.',
    });
    expect(await open(as('none')).listeners()).toMatchObject({ count: null, otherSubscribers: null });
  });

  it('no longer has one that is gone', async () => {
    const config = await DynamicConfig.connect(redis.url);
    const store = open();
    expect((await store.listeners()).count).toBe(1);
    await config.close();
    await until('it is gone', async () => (await store.listeners()).count === 0);
  });
});
