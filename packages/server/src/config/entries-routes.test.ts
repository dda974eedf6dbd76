import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_KEY, startApp, testKey } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

let server: TestApp;
beforeAll(async () => {
  const keys = [testKey('limited', { id: '2', name: 'limited', role: 'viewer', keyPatterns: ['moog_*'] })];
  server = await startApp(undefined, { keys });
  await server.app.inject({
    method: 'POST',
    url: '/api/v1/settings',
    headers: { 'x-api-key': API_KEY },
    payload: {
      service: 'forwarder',
      version: '1',
      settings: {
        moog_rate_limit: { type: 'integer', rule: { min: 1 } },
        moog_token: { type: 'secret', secret: true },
      },
    },
  });
  const values = { moog_rate_limit: '0', moog_token: 'hunter2', other: 'x' };
  for (const [key, value] of Object.entries(values)) await server.config.set(key, value, { changedBy: 'alice' });
});
afterAll(() => server.close());

const entries = async (query = '', key = API_KEY): Promise<Record<string, unknown>[]> => {
  const { statusCode, body } = await server.app.inject({
    url: `/api/v1/entries${query}`,
    headers: { 'x-api-key': key },
  });
  expect({ statusCode, body }).toMatchObject({ statusCode: 200 });
  return (JSON.parse(body) as { entries: Record<string, unknown>[] }).entries;
};

describe('GET /api/v1/entries', () => {
  it('tells of each who changed it, what is wrong with it, and no secret', async () => {
    expect(await entries()).toEqual([
      expect.objectContaining({
        key: 'moog_rate_limit',
        value: '0',
        changed_by: 'alice',
        invalid: expect.stringContaining('at least 1') as string,
        masked: false,
      }),
      expect.objectContaining({ key: 'moog_token', value: '••••••', invalid: null, masked: true }),
      expect.objectContaining({ key: 'other', value: 'x', invalid: null, masked: false }),
    ]);
  });

  it('tells of the keys that are named only, each once, and of none that is not set', async () => {
    const named = await entries('?key=other&key=nope&key=other');
    expect(named.map(({ key }) => key)).toEqual(['other']);
  });

  it('leaves out what one may not see', async () => {
    expect((await entries('', 'limited')).map(({ key }) => key)).toEqual(['moog_rate_limit', 'moog_token']);
    expect(await entries('?key=other', 'limited')).toEqual([]);
  });

  it('is not sent again while nothing has changed, neither a value nor what is declared', async () => {
    const ask = async (tag?: string, key = API_KEY) => {
      const headers = { 'x-api-key': key, ...(tag !== undefined && { 'if-none-match': tag }) };
      return server.app.inject({ url: '/api/v1/entries', headers });
    };
    const first = String((await ask()).headers.etag);
    expect(await ask(first)).toMatchObject({ statusCode: 304, body: '' });
    expect((await ask(first, 'limited')).statusCode).toBe(200);
    await server.config.set('other', 'y');
    const second = await ask(first);
    expect(second.statusCode).toBe(200);
    await server.app.inject({
      method: 'POST',
      url: '/api/v1/settings',
      headers: { 'x-api-key': API_KEY },
      payload: { service: 'other', version: '1', settings: { other: { type: 'integer' } } },
    });
    const third = await ask(String(second.headers.etag));
    expect(third.statusCode).toBe(200);
    expect(third.body).toContain('whole number');
  });

  it('refuses more names than 100', async () => {
    const query = `?${Array.from({ length: 101 }, (_, n) => `key=k${n}`).join('&')}`;
    const { statusCode, body } = await server.app.inject({
      url: `/api/v1/entries${query}`,
      headers: { 'x-api-key': API_KEY },
    });
    expect(statusCode).toBe(400);
    expect(body).toContain('at most 100 times');
  });
});
