import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeSetting, MemoryNamespace, MemoryStore, secret } from '@mutt/dynamic-config';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { DatabaseFailure } from '../database/database-error.ts';
import { API_KEY, startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

let test: TestDatabase;
let namespace: MemoryNamespace;
let server: TestApp;

beforeAll(async () => {
  test = await (DATABASES[0] as (typeof DATABASES)[number]).start();
});
afterAll(() => test.stop());
beforeEach(async () => {
  await test.reset();
  namespace = new MemoryNamespace();
  server = await startApp(new MemoryStore(namespace), { database: test.database });
});
afterEach(() => server.close());

async function get(
  url: string,
): Promise<{ status: number; body: Record<string, unknown>; text: string; headers: object }> {
  const reply = await server.app.inject({ url, headers: { 'x-api-key': API_KEY, 'x-correlation-id': 'ticket-7' } });
  const isJson = String(reply.headers['content-type']).startsWith('application/json');
  return { status: reply.statusCode, body: isJson ? reply.json() : {}, text: reply.body, headers: reply.headers };
}

async function put(key: string, value: string, reason?: string): Promise<void> {
  const headers = { 'x-api-key': API_KEY, 'x-correlation-id': 'ticket-7' };
  const reply = await server.app.inject({
    method: 'PUT',
    url: `/api/v1/config/${key}`,
    headers,
    body: { value, reason },
  });
  expect(reply.statusCode).toBe(200);
}

describe('GET /api/v1/audit', () => {
  it('tells each change at once, as the guide names it', async () => {
    await put('moog_rate_limit', '100', 'the start');
    await put('moog_rate_limit', '200', 'incident 4711');
    const { body } = await get('/api/v1/audit');
    expect(body).toMatchObject({
      next_cursor: null,
      records: [
        {
          id: 2,
          changed_by: 'admin',
          operation: 'UPDATE',
          table_name: 'runtime_config',
          key: 'moog_rate_limit',
          old_values: { key: 'moog_rate_limit', value: '100' },
          new_values: { key: 'moog_rate_limit', value: '200' },
          reason: 'incident 4711',
          correlation_id: 'ticket-7',
          revision: 2,
          source: 'commit',
        },
        { id: 1, operation: 'CREATE', old_values: null },
      ],
    });
  });

  it('comes in pages', async () => {
    for (const value of ['1', '2', '3']) await put('a', value);
    const first = (await get('/api/v1/audit?limit=2')).body;
    expect((first['records'] as object[]).length).toBe(2);
    const second = (await get(`/api/v1/audit?limit=2&cursor=${String(first['next_cursor'])}`)).body;
    expect(second).toMatchObject({ records: [{ id: 1 }], next_cursor: null });
  });

  it.each([
    'key=a%20b',
    'operation=RENAME',
    'from=yesterday',
    'to=2026-13-01',
    'limit=0',
    'limit=501',
    'cursor=1',
    'text=',
    'actor=%00',
    'unknown=1',
    'source=nobody',
  ])('refuses ?%s with a sentence', async (query) => {
    const { status, body } = await get(`/api/v1/audit?${query}`);
    expect([status, body]).toEqual([400, expect.objectContaining({ code: 'request_invalid' })]);
  });

  it('masks secrets, unless they are asked for', async () => {
    await server.config.register({ service: 's', version: '1', settings: { token: describeSetting(secret()) } });
    await put('token', 'hunter2');
    for (const url of ['/api/v1/audit', '/api/v1/audit/export', '/api/v1/audit/export?format=jsonl']) {
      expect((await get(url)).text).not.toContain('hunter2');
    }
    expect((await get('/api/v1/audit?reveal=true')).text).toContain('hunter2');
  });
});

describe('GET /api/v1/audit/export', () => {
  it('row 32: is a CSV whose cells are no formulas', async () => {
    await put('a', '=HYPERLINK("http://evil")', '=1+1');
    await put('a', '2', '+SUM(1)');
    await put('a', '3', '@x, "quoted"\nnew line');
    const { text, headers } = await get('/api/v1/audit/export');
    expect(headers).toMatchObject({ 'content-disposition': 'attachment; filename="audit.csv"' });
    const [names, first] = text.split('\r\n');
    expect(names).toMatch(/^id,changed_at,changed_by,operation/);
    expect(first).toContain(`"'=1+1"`);
    expect(text).toContain(`"'+SUM(1)"`);
    expect(text).toContain(`"'@x, ""quoted""\nnew line"`);
    expect(text).not.toMatch(/(^|,)"?[=+@]/m);
  });

  it('is JSON lines, of what is asked for', async () => {
    await put('a', '1');
    await put('b', '2');
    const { text } = await get('/api/v1/audit/export?format=jsonl&key=b');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([{ key: 'b', id: 2 }]);
  });
});

describe('the proof of the trail', () => {
  it('is in order, and vouches for a head that was kept elsewhere', async () => {
    await put('a', '1');
    const { body: head } = await get('/api/v1/audit/head');
    await put('a', '2');
    const { body } = await get('/api/v1/audit');
    const [, first] = body['records'] as { changed_at: string }[];
    expect((await get('/api/v1/audit/verify')).body).toMatchObject({
      ok: true,
      records: 2,
      first_changed_at: first?.changed_at,
      problem: null,
      gaps: 0,
    });
    const headers = { 'x-api-key': API_KEY };
    const check = async (sent: object): Promise<Record<string, unknown>> =>
      (await server.app.inject({ method: 'POST', url: '/api/v1/audit/verify', headers, body: { head: sent } })).json();
    expect(await check(head)).toMatchObject({ ok: true });
    expect(await check({ ...head, id: 2 })).toMatchObject({ ok: false, problem: { id: null } });
    expect(await check({ ...head, more: 1 })).toMatchObject({ code: 'request_invalid' });
  });
});

it('says 503 while the database is out of reach', async () => {
  await put('a', '1');
  const broken = await startApp(new MemoryStore(namespace), {
    database: {
      location: 'nowhere',
      run: async () => {
        throw new DatabaseFailure(new Error('connect ECONNREFUSED'), { freeBytes: null, isUndone: false });
      },
      close: async () => {},
    },
  });
  for (const url of ['/api/v1/audit', '/api/v1/config/a/history', '/api/v1/audit/verify']) {
    const reply = await broken.app.inject({ url, headers: { 'x-api-key': API_KEY } });
    expect([reply.statusCode, reply.json()]).toEqual([503, expect.objectContaining({ code: 'store_unavailable' })]);
  }
  await broken.close();
});
