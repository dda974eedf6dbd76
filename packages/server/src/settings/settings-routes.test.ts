import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  boolean,
  describeSetting,
  integer,
  json,
  list,
  MemoryStore,
  secret,
  text,
  StoreUnavailableError,
} from '@mutt/dynamic-config';
import type { Setting } from '@mutt/dynamic-config';
import { API_KEY, startApp } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

let server: TestApp;

beforeEach(async () => {
  server = await startApp();
});
afterEach(() => server.close());

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(method: 'GET' | 'PUT' | 'POST', url: string, body?: object): Promise<Reply> {
  const headers = { 'x-api-key': API_KEY };
  const reply = await server.app.inject({ method, url, headers, ...(body && { body }) });
  return { status: reply.statusCode, body: reply.json<Record<string, unknown>>() };
}

/** As a service that does not use the library declares its settings. */
async function declare(settings: Record<string, Setting<unknown>>, version = '1.0'): Promise<void> {
  const described = Object.entries(settings).map(([key, setting]) => {
    const { jsonSchema, requiresRestart, isSecret, ...rest } = describeSetting(setting);
    return [key, { ...rest, json_schema: jsonSchema, requires_restart: requiresRestart, secret: isSecret }] as const;
  });
  const body = { service: 'forwarder', version, settings: Object.fromEntries(described) };
  expect((await call('POST', '/api/v1/settings', body)).status).toBe(200);
}

describe('declared settings', () => {
  it('are shown with their types, bounds, defaults, and who declares them', async () => {
    await declare({ limit: integer({ min: 1, max: 100, default: 10, unit: 'alerts/s', description: 'Alerts' }) });
    const { body } = await call('GET', '/api/v1/settings');
    expect(body).toMatchObject({
      count: 1,
      settings: [
        {
          key: 'limit',
          type: 'integer',
          rule: { min: 1, max: 100 },
          json_schema: { type: 'integer', minimum: 1, maximum: 100 },
          default: '10',
          unit: 'alerts/s',
          description: 'Alerts',
          secret: false,
          declared_by: [{ service: 'forwarder', version: '1.0' }],
          conflict: null,
        },
      ],
    });
  });

  it('that contradict each other are named', async () => {
    await declare({ limit: integer({ max: 10 }) });
    await declare({ limit: integer({ min: 20 }) }, '2.0');
    const { body } = await call('GET', '/api/v1/settings');
    const [{ conflict }] = body['settings'] as [{ conflict: string }];
    expect(conflict).toContain('forwarder 1.0');
    expect(conflict).toContain('forwarder 2.0');
  });

  it('hold whoever writes to them, one key or several, and nothing is written', async () => {
    await declare({ limit: integer({ min: 1, max: 100 }), shape: json() });
    const refused = { code: 'value_invalid', error: expect.stringContaining('at most 100') as string };
    expect(await call('PUT', '/api/v1/config/limit', { value: 101 })).toMatchObject({ status: 422, body: refused });
    const changes = [
      { key: 'shape', value: '{}' },
      { key: 'limit', value: 101 },
    ];
    expect(await call('POST', '/api/v1/changes', { changes })).toMatchObject({ status: 422, body: refused });
    expect(await call('PUT', '/api/v1/config/shape', { value: '{' })).toMatchObject({ status: 422 });
    expect(server.config.head.revision).toBe(0);
  });

  it('say how a value is stored, whichever way it came', async () => {
    await declare({ on: boolean(), limit: integer(), shape: json(), sizes: list(integer()) });
    const put = (key: string, value: unknown): Promise<Reply> => call('PUT', `/api/v1/config/${key}`, { value });
    expect((await put('on', 'Yes')).body['value']).toBe('true');
    expect((await put('shape', { a: [1] })).body['value']).toBe('{"a":[1]}');
    expect((await put('sizes', [1, 2])).body['value']).toBe('1,2');
    expect((await put('sizes', ['x'])).status).toBe(422);
    expect((await put('limit', [1])).body['error']).toContain('not an array');
    const changes = [
      { key: 'limit', value: ' 5 ' },
      { key: 'on', value: false },
    ];
    expect((await call('POST', '/api/v1/changes', { changes })).body['rewritten']).toEqual(['limit']);
    expect(server.config.getAll()).toEqual({ on: 'false', limit: '5', shape: '{"a":[1]}', sizes: '1,2' });
  });

  it('can be set against by force, which the reason tells', async () => {
    await declare({ limit: integer({ max: 100 }) });
    const forced = await call('PUT', '/api/v1/config/limit', { value: 101, force: true, reason: 'incident 4711' });
    expect(forced).toMatchObject({ status: 200, body: { notices: [expect.stringContaining('at most 100')] } });
    const { body } = await call('GET', '/api/v1/changes');
    expect(body['changes']).toMatchObject([{ reason: 'Forced: incident 4711' }]);
  });

  it('let an unknown key pass, with a notice', async () => {
    await declare({ limit: integer() });
    const { body } = await call('PUT', '/api/v1/config/limt', { value: 5 });
    expect(body['notices']).toEqual(['No service declares the key limt.']);
  });

  it('refuse an unknown key where the operator asks for that', async () => {
    await server.close();
    server = await startApp(new MemoryStore(), { unknownKeys: 'refuse' });
    expect((await call('PUT', '/api/v1/config/limt', { value: 5 })).status).toBe(200);
    await declare({ limit: integer() });
    const refused = { status: 422, body: { error: 'No service declares the key limt.' } };
    expect(await call('PUT', '/api/v1/config/limt', { value: 6 })).toMatchObject(refused);
    expect((await call('PUT', '/api/v1/config/limit', { value: 6 })).status).toBe(200);
  });

  it('that make no sense are refused with a sentence', async () => {
    for (const body of [
      {},
      { service: '', version: '1', settings: {} },
      { service: 'a', version: '1', settings: [] },
      { service: 'a', version: '1', settings: { mode: { type: 'oneOf', rule: { words: 'abc' } } } },
      { service: 'a', version: '1', settings: { limit: { type: 'integer', rule: { min: 'abc' } } } },
    ]) {
      expect(await call('POST', '/api/v1/settings', body)).toMatchObject({ status: 400 });
    }
  });
});

describe('a secret', () => {
  it('has no default that is shown, though another version declares it in clear', async () => {
    await declare({ token: text({ default: 'changeme' }) });
    await declare({ token: secret() }, '2.0');
    expect(JSON.stringify((await call('GET', '/api/v1/settings')).body)).not.toContain('changeme');
  });

  it('is masked by what was known last, and not shown when nothing was', async () => {
    const store = new MemoryStore();
    await server.close();
    server = await startApp(store);
    await declare({ token: secret() });
    await call('PUT', '/api/v1/config/token', { value: 'hunter2hunter2' });
    store.registrations = () => Promise.reject(new StoreUnavailableError('It is gone.'));
    vi.spyOn(performance, 'now').mockReturnValue(Infinity);
    expect(JSON.stringify((await call('GET', '/api/v1/config')).body)).toContain('••••••');
    vi.restoreAllMocks();
    const late = await startApp(store);
    const headers = { 'x-api-key': API_KEY };
    const reply = await late.app.inject({ method: 'GET', url: '/api/v1/config', headers });
    expect([reply.statusCode, reply.body]).toEqual([503, expect.not.stringContaining('hunter2')]);
    await late.close();
  });

  it('is masked in each reply, unless it is asked for', async () => {
    await declare({ token: secret(), limit: integer() });
    const put = await call('PUT', '/api/v1/config/token', { value: 'hunter2hunter2' });
    const all = await call('GET', '/api/v1/config');
    const one = await call('GET', '/api/v1/config/token');
    for (const { body } of [put, all, one]) expect(JSON.stringify(body)).not.toContain('hunter2');
    expect((await call('GET', '/api/v1/config/token?reveal=true')).body['value']).toBe('hunter2hunter2');
    expect((await call('GET', '/api/v1/config?reveal=true')).body['config']).toEqual({ token: 'hunter2hunter2' });
  });
});
