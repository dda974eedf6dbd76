import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { Scenario } from '../support/scenario.ts';

let scenario: Scenario;
beforeEach(async () => {
  scenario = await Scenario.start();
});
afterEach(() => scenario[Symbol.asyncDispose]());

/** Makes a replica of the scenario's Redis, and then the other way round. */
async function switchOver(): Promise<RedisServer> {
  const { redis } = scenario;
  const next = await startRedis();
  scenario.defer(() => next.stop());
  await next.cli('REPLICAOF', '127.0.0.1', String(redis.port));
  await until('it is in sync', async () => (await next.cli('INFO', 'replication')).includes('master_link_status:up'));
  await next.cli('REPLICAOF', 'NO', 'ONE');
  await redis.cli('REPLICAOF', '127.0.0.1', String(next.port));
  return next;
}

describe('row 12: an address that leads to another primary from now on', () => {
  it('is connected to anew, by what writes and by what listens, once the old one says that it is a replica', async () => {
    const proxy = await scenario.proxy();
    const config = await scenario.connect(proxy);
    await config.set('a', '1');
    const next = await switchOver();
    proxy.targetPort = next.port;
    const set = async (): Promise<boolean> => (await config.set('a', '2').catch(() => null)) !== null;
    await until('it is set', set, 5_000);
    expect(await next.cli('GET', 'mutt:config:a')).toBe('2');
    const listens = async (): Promise<boolean> => (await next.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).includes('mutt');
    await until('it listens there', listens, 5_000);
    await until('it is live', () => config.status().state === 'live', 5_000);
  });
});

describe('row 12: an address that leads to a replica', () => {
  it('refuses writes as such, and keeps the instance live, with a connection a second at most', async () => {
    const next = await switchOver();
    await next.cli('SET', 'mutt:config:a', '1');
    const config = await scenario.connect();
    await until('it is loaded', () => config.get('a', null) === '1');
    const connections = async (): Promise<number> =>
      Number(/total_connections_received:(\d+)/.exec(await scenario.redis.cli('INFO', 'stats'))?.[1]);
    const states = new Set<string>();
    config.onStateChange((state) => states.add(state));
    const before = await connections();
    const startedAtMs = performance.now();
    while (performance.now() - startedAtMs < 2_500) {
      await expect(config.set('a', '2')).rejects.toMatchObject({ code: 'store_refused' });
    }
    // One of them is ours.
    expect((await connections()) - before - 1).toBeLessThanOrEqual(6);
    expect(states).not.toContain('offline');
  });
});
