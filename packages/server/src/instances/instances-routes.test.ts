import { DynamicConfig, MemoryStore } from '@mutt/dynamic-config';
import type { Listeners } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeClock } from '../../test/fake-clock.ts';
import { API_KEY, startApp, testKey } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

const FORWARDER = {
  id: 'abcd0123',
  service: 'forwarder',
  version: '1.4.0',
  host: 'node-7',
  pid: 4711,
  address: '10.0.0.7:52114',
  connectedForS: 90,
};

const clock = fakeClock();
let listeners: () => Promise<Listeners>;
let looks: number;
let server: TestApp;

beforeEach(async () => {
  looks = 0;
  listeners = async () => ({ instances: [FORWARDER], count: 1, otherSubscribers: 2, incomplete: null });
  server = await startApp(new MemoryStore(), {
    clock,
    keys: [testKey('limited', { id: '2', name: 'limited', role: 'viewer', keyPatterns: ['moog_*'] })],
    listeners: () => {
      looks += 1;
      return listeners();
    },
  });
});
afterEach(() => server.close());

async function instances(key = API_KEY): Promise<{ instances: Record<string, unknown>[]; count: number }> {
  const reply = await server.app.inject({ url: '/api/v1/instances', headers: { 'x-api-key': key } });
  expect(reply.statusCode).toBe(200);
  return reply.json();
}

describe('GET /api/v1/instances', () => {
  it('lists those that listen to the store, since when, and counts the others', async () => {
    const { connectedForS: _, ...who } = FORWARDER;
    expect(await instances()).toEqual({
      instances: [{ ...who, api_key: null, connected_at: new Date(clock.now() - 90_000).toISOString(), via: 'redis' }],
      count: 1,
      other_subscribers: 2,
      people: 0,
    });
  });

  it('lists those with an event stream here, by what they say of themselves', async () => {
    const url = await server.listen();
    const service = { name: 'alerter', version: '2' };
    const config = await DynamicConfig.connect(url, { apiKey: API_KEY, service });
    const abort = new AbortController();
    const { signal } = abort;
    await fetch(`${url}/api/v1/events`, { headers: { 'x-api-key': API_KEY, 'user-agent': 'curl/8' }, signal });
    await until('both are there', async () => (await instances()).count === 3);
    const all = (await instances()).instances;
    expect(all.map((one) => [one['service'], one['version'], one['via'], one['api_key']])).toEqual([
      ['alerter', '2', 'http', 'admin'],
      ['forwarder', '1.4.0', 'redis', null],
      [null, null, 'http', 'admin'],
    ]);
    expect(all[0]).toMatchObject({ pid: process.pid, address: '127.0.0.1' });
    abort.abort();
    await config.close();
    await until('they are gone', async () => (await instances()).count === 1);
  });

  it('says what is not known, when the store does not tell', async () => {
    listeners = async () => Promise.reject(new Error('no route to 10.0.0.9'));
    const reply = await instances();
    expect(reply).toMatchObject({
      instances: [],
      other_subscribers: null,
      incomplete: expect.stringContaining('The store does not say') as string,
    });
    expect(JSON.stringify(reply)).not.toContain('10.0.0.9');
  });

  it('does not tell those who see some keys only where things run', async () => {
    expect((await instances('limited')).instances).toMatchObject([
      { service: 'forwarder', version: '1.4.0', host: null, pid: null, address: null },
    ]);
  });

  it('looks once a second, for all who ask', async () => {
    clock.advance(10_000);
    await Promise.all([instances(), instances(), instances()]);
    expect(looks).toBe(1);
    clock.advance(1_000);
    await Promise.all([instances(), instances(), instances()]);
    expect(looks).toBe(2);
  });
});
