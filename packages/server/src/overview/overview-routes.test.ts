import { describeSetting, integer, MemoryNamespace, MemoryStore, secret } from '@mutt/dynamic-config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { API_KEY, startApp, testKey } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';
import type { Database } from '../database/database.ts';
import { fakeClock } from '../../test/fake-clock.ts';

const clock = fakeClock(Date.now());
let test: TestDatabase;
let server: TestApp;
let isDatabaseUp = true;

beforeAll(async () => {
  test = await (DATABASES[0] as (typeof DATABASES)[number]).start();
  const database: Database = {
    location: '',
    run: async (task) => (isDatabaseUp ? test.database.run(task) : Promise.reject(new Error('down'))),
    close: async () => {},
  };
  const namespace = new MemoryNamespace();
  const store = new MemoryStore(namespace);
  const settings = {
    moog_rate: describeSetting(integer({ min: 1 })),
    moog_token: describeSetting(secret({ minLength: 10 })),
    moog_unset: describeSetting(integer({ default: 1 })),
  };
  await store.register({ service: 'forwarder', version: '1', settings });
  const keys = [testKey('limited', { id: '2', name: 'limited', role: 'viewer', keyPatterns: ['moog_*'] })];
  server = await startApp(store, { database, keys, clock });
  for (const value of ['5', '7', '0']) await server.config.set('moog_rate', value);
  await server.config.commit([
    { key: 'moog_token', value: '42' },
    { key: 'alerter_mode', value: '9' },
  ]);
  namespace.writeRaw('alerter_mode', '10');
  // The commit that touches it puts on record what was written past us.
  await server.config.set('alerter_mode', '11');
  await server.app.inject({ url: '/api/v1/audit', headers: { 'x-api-key': API_KEY } });
});
afterAll(async () => {
  await server.close();
  await test.stop();
});

async function get(url: string, key = API_KEY): Promise<Record<string, unknown>> {
  const reply = await server.app.inject({ url: `/api/v1/${url}`, headers: { 'x-api-key': key } });
  expect({ status: reply.statusCode, body: reply.body }).toMatchObject({ status: 200 });
  return reply.json();
}

describe('GET /api/v1/overview', () => {
  it('tells how it goes, and what is wrong', async () => {
    const { changes_per_hour: hours, problems, ...rest } = await get('overview');
    expect(rest).toEqual({
      epoch: server.config.head.epoch,
      revision: server.config.head.revision,
      keys: 3,
      declared: 3,
      unset: 1,
      undeclared: 1,
      invalid: {
        count: 2,
        values: [
          { key: 'moog_rate', value: '0', masked: false, rule: expect.stringContaining('at least 1') as string },
          {
            key: 'moog_token',
            value: '••••••',
            masked: true,
            rule: expect.stringContaining('10 characters') as string,
          },
        ],
      },
      drift: { out_of_band: 1 },
      audit: { backlog: 0, last_recorded_at: expect.any(String) as string, gaps: 0 },
      state: 'live',
      components: { store: { status: 'up' } },
      alarm: null,
    });
    expect((hours as { count: number }[]).reduce((sum, { count }) => sum + count, 0)).toBe(7);
    expect((problems as { code: string }[]).map(({ code }) => code)).toEqual(['values_invalid', 'written_directly']);
  });

  it('counts for somebody what they see, and nothing else', async () => {
    const overview = await get('overview', 'limited');
    expect(overview).toMatchObject({ keys: 2, undeclared: 0, drift: { out_of_band: 0 }, invalid: { count: 2 } });
    expect(JSON.stringify(overview)).not.toContain('alerter');
  });

  it('is told without its database, too', async () => {
    clock.advance(10_000);
    isDatabaseUp = false;
    const overview = await get('overview');
    isDatabaseUp = true;
    expect(overview).toMatchObject({ keys: 3, audit: null, drift: null, changes_per_hour: null });
  });
});

describe('GET /api/v1/trends', () => {
  it('tells the numbers that keys held, and nothing of secrets and unseen keys', async () => {
    const query = 'trends?key=moog_rate&key=moog_token&key=alerter_mode&key=nope';
    const values = (trends: unknown): unknown =>
      Object.entries(trends as Record<string, { value: number }[]>).map(([key, points]) => [
        key,
        ...points.map(({ value }) => value),
      ]);
    expect(values((await get(query))['trends'])).toEqual([
      ['alerter_mode', 9, 10, 11],
      ['moog_rate', 5, 7, 0],
    ]);
    expect(values((await get(query, 'limited'))['trends'])).toEqual([['moog_rate', 5, 7, 0]]);
  });
});
