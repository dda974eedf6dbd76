import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RedisStore } from '@mutt/dynamic-config/redis';
import { until } from '@mutt/dynamic-config/testing';
import { startRedis } from '../../../../test/support/redis-server.ts';
import type { RedisServer } from '../../../../test/support/redis-server.ts';
import { API_KEY, startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

let redis: RedisServer;
let store: RedisStore;
let server: TestApp;

beforeEach(async () => {
  redis = await startRedis();
  store = RedisStore.open(redis.url);
  server = await startApp(store);
  for (const [key, value] of Object.entries({ a: '1', b: '2', c: '3' })) await server.config.set(key, value);
  await redis.cli('FLUSHALL');
  await until('the alarm', () => server.config.status().alarm !== null);
});
afterEach(async () => {
  await server.close();
  await redis.stop();
});

async function restore(payload?: object): Promise<unknown> {
  const headers = { 'x-api-key': API_KEY };
  return (
    await server.app.inject({ method: 'POST', url: '/api/v1/restore', headers, ...(payload && { payload }) })
  ).json();
}

describe('after Redis was emptied', () => {
  it('the server keeps all values, is ready, and says that something is wrong', async () => {
    const ready = await server.app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toMatchObject([200, { status: 'ready', alarm: 'store_emptied' }]);
    expect(server.config.getAll()).toEqual({ a: '1', b: '2', c: '3' });
    expect(server.log.join('\n')).toContain('lost 3 entries');
  });

  it('puts the lost values back, but leaves alone what somebody has set since', async () => {
    await server.config.set('b', 'new');
    expect(await restore({ reason: 'flushed by mistake' })).toEqual({
      restored: 2,
      revision: server.config.head.revision,
    });
    expect(await redis.cli('MGET', 'mutt:config:a', 'mutt:config:b', 'mutt:config:c')).toBe('1\nnew\n3');
    expect(server.config.entry('a')).toMatchObject({ changedBy: 'admin' });
    const ready = (await server.app.inject('/readyz')).json<object>();
    expect(ready).toMatchObject({ status: 'ready', state: 'live' });
    expect(ready).not.toHaveProperty('alarm');
  });

  it('gives them up when told to', async () => {
    expect(await restore({ accept_loss: true })).toEqual({ given_up: 3, revision: server.config.head.revision });
    expect(server.config.getAll()).toEqual({});
    expect(await restore()).toMatchObject({ restored: 0 });
  });

  it('refuses what it does not know', async () => {
    expect(await restore({ accept: true })).toMatchObject({ code: 'request_invalid' });
    expect(server.config.status().alarm).not.toBeNull();
  });
});
