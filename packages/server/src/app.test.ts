import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { MemoryNamespace, MemoryStore, StoreUnavailableError } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { API_KEY, startApp } from '../test/start-app.ts';
import type { TestApp } from '../test/start-app.ts';

const CONFIG = '/api/v1/config';

let namespace: MemoryNamespace;
let store: MemoryStore;
let server: TestApp;

beforeEach(async () => {
  namespace = new MemoryNamespace();
  store = new MemoryStore(namespace);
  server = await startApp(store);
});
afterEach(() => server.close());

type Call = Partial<Omit<InjectOptions, 'method' | 'url'>>;

function call(method: InjectOptions['method'], url: string, options: Call = {}): Promise<LightMyRequestResponse> {
  return server.app.inject({
    method: method ?? 'GET',
    url,
    ...options,
    headers: { 'x-api-key': API_KEY, ...options.headers },
  });
}

const put = (key: string, payload: object, headers = {}): Promise<LightMyRequestResponse> =>
  call('PUT', `${CONFIG}/${key}`, { payload, headers });

/** What was committed so far. */
const revision = (): number => namespace.head.revision;

describe('one key', () => {
  it('is set, read and deleted', async () => {
    const set = await put('cache_reload_interval', { value: '600', reason: 'reload less often' });
    expect([set.statusCode, set.json()]).toEqual([
      200,
      { key: 'cache_reload_interval', value: '600', message: 'Configuration updated successfully', revision: 1 },
    ]);
    const got = await call('GET', `${CONFIG}/cache_reload_interval`);
    expect([got.statusCode, got.json()]).toEqual([
      200,
      {
        key: 'cache_reload_interval',
        value: '600',
        revision: 1,
        changed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        changed_by: 'admin',
      },
    ]);
    const deleted = await call('DELETE', `${CONFIG}/cache_reload_interval`, { payload: { reason: 'not used' } });
    expect([deleted.statusCode, deleted.json()]).toEqual([
      200,
      { message: 'Configuration deleted: cache_reload_interval', revision: 2 },
    ]);
    expect((await call('GET', `${CONFIG}/cache_reload_interval`)).statusCode).toBe(404);
  });

  it('is recorded with who, what, when and why', async () => {
    await put('a', { value: '1', reason: 'incident 4711' });
    await call('DELETE', `${CONFIG}/a`, { payload: { reason: 'over' } });
    const { changes } = (await call('GET', '/api/v1/changes')).json<{ changes: unknown[] }>();
    expect(changes).toMatchObject([
      {
        revision: 1,
        changed_by: 'admin',
        reason: 'incident 4711',
        changes: [{ key: 'a', value: '1', previous_value: null }],
      },
      { revision: 2, changed_by: 'admin', reason: 'over', changes: [{ key: 'a', value: null, previous_value: '1' }] },
    ]);
  });

  it.each([
    ['a number', 600, '600'],
    ['a fraction', 0.5, '0.5'],
    ['a boolean', true, 'true'],
    ['an empty string', '', ''],
    ['what looks like JSON', '{"a":1}', '{"a":1}'],
  ])('takes %s, and keeps its plain text', async (_, value, text) => {
    expect((await put('k', { value })).json()).toMatchObject({ value: text });
    expect((await call('GET', `${CONFIG}/k`)).json()).toMatchObject({ value: text });
  });

  it('may have any name that the rule allows, percent-encoded or not', async () => {
    for (const key of ['__proto__', 'a.b-c_D:1', 'x'.repeat(256)]) {
      expect((await put(key, { value: '1' })).json()).toMatchObject({ key });
    }
    await put('alerter%2Fteam%2Fmode', { value: 'defer' });
    expect((await call('GET', `${CONFIG}/alerter%2Fteam%2Fmode`)).json()).toMatchObject({ key: 'alerter/team/mode' });
  });

  it('is changed only at the revision that If-Match names', async () => {
    await put('a', { value: '1' });
    const { headers } = await call('GET', `${CONFIG}/a`);
    expect((await put('a', { value: '2' }, { 'if-match': headers.etag })).statusCode).toBe(200);
    const stale = await put('a', { value: '3' }, { 'if-match': headers.etag });
    expect([stale.statusCode, stale.json()]).toMatchObject([
      412,
      { code: 'revision_conflict', details: { key: 'a', expected_revision: 1, current_revision: 2 } },
    ]);
    expect((await call('DELETE', `${CONFIG}/a`, { headers: { 'if-match': '"1"' } })).statusCode).toBe(412);
    expect((await put('a', { value: '3' }, { 'if-none-match': '*' })).statusCode).toBe(412);
    expect((await put('b', { value: '1' }, { 'if-none-match': '*' })).statusCode).toBe(200);
    expect(revision()).toBe(3);
  });
});

describe('all keys', () => {
  it('are listed with their number and the revision', async () => {
    await put('b', { value: '2' });
    await put('a', { value: '1' });
    expect((await call('GET', CONFIG)).json()).toEqual({ config: { a: '1', b: '2' }, count: 2, revision: 2 });
  });

  it('are not sent again to who has them, until something changes, in whatever way', async () => {
    await put('a', { value: '1' });
    const { headers } = await call('GET', CONFIG);
    const again = (): Promise<LightMyRequestResponse> =>
      call('GET', CONFIG, { headers: { 'if-none-match': headers.etag } });
    expect([(await again()).statusCode, (await again()).body]).toEqual([304, '']);
    namespace.writeRaw('a', '2');
    await until('the write is seen', () => server.config.get('a') === '2');
    expect((await again()).json()).toMatchObject({ config: { a: '2' } });
  });
});

describe('a bad request is refused with its rule, and changes nothing', () => {
  it.each([
    ['an unknown key', 'GET', `${CONFIG}/nope`, undefined, 404, 'key_not_found', 'Config key not found: nope'],
    [
      'the deletion of an unknown key',
      'DELETE',
      `${CONFIG}/nope`,
      undefined,
      404,
      'key_not_found',
      'Config key not found: nope',
    ],
    ['no body', 'PUT', `${CONFIG}/k`, undefined, 400, 'request_invalid', "Missing 'value' in request"],
    ['a missing value', 'PUT', `${CONFIG}/k`, {}, 400, 'request_invalid', "Missing 'value' in request"],
    ['null', 'PUT', `${CONFIG}/k`, { value: null }, 400, 'request_invalid', "Missing 'value' in request"],
    ['an array', 'PUT', `${CONFIG}/k`, { value: ['1'] }, 422, 'value_invalid', 'not an array'],
    ['an object', 'PUT', `${CONFIG}/k`, { value: { a: 1 } }, 422, 'value_invalid', 'not an object'],
    ['half of a surrogate pair', 'PUT', `${CONFIG}/k`, { value: '\ud800' }, 422, 'value_invalid', 'surrogate'],
    ['more than 1 MiB', 'PUT', `${CONFIG}/k`, { value: 'x'.repeat(1024 * 1024 + 1) }, 422, 'value_invalid', '1 MiB'],
    [
      'a far too large body',
      'PUT',
      `${CONFIG}/k`,
      { value: 'x'.repeat(7 * 1024 * 1024) },
      413,
      'payload_too_large',
      '1 MiB',
    ],
    ['an unknown field', 'PUT', `${CONFIG}/k`, { value: '1', resaon: 'x' }, 400, 'request_invalid', 'resaon'],
    ['a body that is no object', 'PUT', `${CONFIG}/k`, ['1'], 400, 'request_invalid', 'object'],
    ['the reserved key', 'PUT', `${CONFIG}/updates`, { value: '1' }, 400, 'key_invalid', 'not "updates"'],
    ['a key with a space', 'PUT', `${CONFIG}/a%20b`, { value: '1' }, 400, 'key_invalid', 'A–Z a–z 0–9'],
    ['a key of 257 characters', 'PUT', `${CONFIG}/${'x'.repeat(257)}`, { value: '1' }, 400, 'key_invalid', '256'],
    ['a key that is not UTF-8', 'GET', `${CONFIG}/%ff`, undefined, 400, 'request_invalid', ''],
    ['an unknown path', 'GET', '/api/v1/nope', undefined, 404, 'not_found', 'GET /api/v1/nope'],
    ['an unknown method', 'PATCH', `${CONFIG}/k`, { value: '1' }, 404, 'not_found', 'PATCH'],
    ['an empty change set', 'POST', '/api/v1/changes', { changes: [] }, 422, 'change_set_invalid', 'empty'],
    [
      'a key that is named twice',
      'POST',
      '/api/v1/changes',
      {
        changes: [
          { key: 'a', value: '1' },
          { key: 'a', delete: true },
        ],
      },
      422,
      'change_set_invalid',
      'twice',
    ],
  ] as const)('%s', async (_, method, url, payload, status, code, message) => {
    const response = await call(method, url, payload === undefined ? {} : { payload: payload as object });
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({
      error: expect.stringContaining(message) as string,
      code,
      correlation_id: response.headers['x-correlation-id'],
    });
    expect(revision()).toBe(0);
  });

  it.each([
    ['malformed JSON', '{"value":', 'application/json', 400, 'request_invalid'],
    ['a prototype in JSON', '{"value":"1","__proto__":{"a":1}}', 'application/json', 400, 'request_invalid'],
    ['another type than JSON', 'value=1', 'application/x-www-form-urlencoded', 415, 'media_type_unsupported'],
  ])('%s', async (_, payload, type, status, code) => {
    const response = await call('PUT', `${CONFIG}/k`, { payload, headers: { 'content-type': type } });
    expect([response.statusCode, response.json()]).toMatchObject([status, { code }]);
    expect(revision()).toBe(0);
  });

  it.each(['W/"1"', '*', '1', '"1", "2"', '"x"'])('the precondition If-Match: %s', async (tag) => {
    expect((await put('k', { value: '1' }, { 'if-match': tag })).json()).toMatchObject({ code: 'request_invalid' });
    expect(revision()).toBe(0);
  });
});

describe('an API key', () => {
  it.each([
    ['missing', {}],
    ['wrong', { 'x-api-key': 'wrong' }],
    ['empty', { 'x-api-key': '' }],
    ['in the wrong header', { authorization: `Bearer ${API_KEY}` }],
  ])('that is %s opens nothing, whether it exists or not', async (_, headers) => {
    await server.config.set('secret', 'of the fleet');
    for (const url of [
      CONFIG,
      `${CONFIG}/secret`,
      '/api/v1/events',
      '/api/v1/snapshot',
      '/api/v1/nope',
      `${CONFIG}/%ff`,
    ]) {
      const response = await server.app.inject({ url, headers });
      expect([url, response.statusCode, response.json()]).toMatchObject([url, 401, { code: 'unauthorized' }]);
      expect(response.body).not.toContain('fleet');
    }
  });

  it('is not needed to ask for health', async () => {
    expect((await server.app.inject('/healthz')).json()).toEqual({ status: 'up' });
    expect((await server.app.inject('/readyz')).json()).toMatchObject({ status: 'ready', state: 'live' });
  });
});

describe('change sets', () => {
  it('are applied whole, once for each request id', async () => {
    const payload = {
      changes: [
        { key: 'a', value: 1 },
        { key: 'b', value: true },
      ],
      reason: 'both',
      request_id: 'request-1',
    };
    const first = await call('POST', '/api/v1/changes', { payload });
    expect(first.json()).toMatchObject({ revision: 1, reason: 'both', changed_by: 'admin' });
    expect((await call('POST', '/api/v1/changes', { payload })).json()).toEqual(first.json());
    expect(server.config.getAll()).toEqual({ a: '1', b: 'true' });
    expect(revision()).toBe(1);
  });

  it('are told page by page', async () => {
    for (const value of ['1', '2', '3']) await put('a', { value });
    const page = (query: string): Promise<LightMyRequestResponse> => call('GET', `/api/v1/changes?${query}`);
    const revisions = ({ json }: { json: () => { changes: { revision: number }[] } }): number[] =>
      json().changes.map((change) => change.revision);
    const first = await page('limit=2');
    expect([revisions(first), first.json()]).toMatchObject([[1, 2], { more: true }]);
    const second = await page('after=2&limit=2');
    expect([revisions(second), second.json()]).toMatchObject([[3], { more: false }]);
    for (const query of ['limit=0', 'limit=501', 'after=-1', 'after=x', 'limt=1']) {
      expect((await page(query)).json()).toMatchObject({ code: 'request_invalid' });
    }
  });
});

describe('when the store is out of reach', () => {
  it('reads go on, writes say so, and what is not current is not given as proof', async () => {
    await server.config.set('a', '1');
    const why = new StoreUnavailableError('The store is gone.');
    store.commit = () => Promise.reject(why);
    for (const listener of namespace.listeners) listener({ type: 'disconnected', error: why });
    expect((await call('GET', `${CONFIG}/a`)).json()).toMatchObject({ value: '1' });
    const write = await put('a', { value: '2' });
    expect([write.statusCode, write.headers['retry-after'], write.json()]).toMatchObject([
      503,
      '1',
      { code: 'store_unavailable', error: 'The store is gone.' },
    ]);
    for (const path of ['/api/v1/head', '/api/v1/snapshot', '/readyz']) {
      expect([path, (await call('GET', path)).statusCode]).toEqual([path, 503]);
    }
    expect((await call('GET', '/healthz')).statusCode).toBe(200);
  });

  it('keeps unexpected errors to its log, under the correlation id that the caller chose', async () => {
    store.commit = () => Promise.reject(new Error('password=hunter2'));
    const response = await put('a', { value: '1' }, { 'x-correlation-id': 'trace-42' });
    expect([response.statusCode, response.json()]).toMatchObject([
      500,
      { code: 'internal', correlation_id: 'trace-42' },
    ]);
    expect(response.body).not.toContain('hunter2');
    expect(server.log.join()).toContain('trace-42');
  });
});

describe('events', () => {
  it('tell of each change as it happens, and end when the server does', async () => {
    const url = await server.listen();
    const response = await fetch(`${url}/api/v1/events`, { headers: { 'x-api-key': API_KEY } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const ended = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
    })();
    await until('connected', () => text.includes('event: connected'));
    await put('a', { value: '1', reason: 'why' });
    await until('the commit', () => text.includes('event: commit'));
    namespace.writeRaw('a', '2');
    await until('the raw write', () => text.includes('event: observed'));
    const data = text
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice(6)) as object);
    expect(data).toMatchObject([
      { revision: 0 },
      { revision: 1, reason: 'why', changed_by: 'admin', changes: [{ key: 'a', value: '1' }] },
      { revision: 1, entries: { a: { value: '2', changed_by: null } } },
    ]);
    await server.app.close();
    await ended;
  });
});
