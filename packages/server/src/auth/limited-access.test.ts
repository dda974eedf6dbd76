import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LightMyRequestResponse } from 'fastify';
import { DynamicConfig, integer, MemoryNamespace, MemoryStore, secret, SECRET_MASK } from '@mutt/dynamic-config';
import { HttpStore } from '@mutt/dynamic-config/http';
import { API_KEY, startApp, testKey } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

let namespace: MemoryNamespace;
let store: MemoryStore;
let server: TestApp;

/** Each by the name of its key. */
const keys = [
  testKey('viewer', { id: '2', name: 'viewer', role: 'viewer', readsSecrets: false }),
  testKey('editor', { id: '3', name: 'editor', role: 'editor', readsSecrets: false }),
  testKey('moog', { id: '4', name: 'moog', role: 'editor', keyPatterns: ['moog_*'], readsSecrets: false }),
  testKey('moog-admin', { id: '5', name: 'moog-admin', keyPatterns: ['moog_*'] }),
];

beforeEach(async () => {
  namespace = new MemoryNamespace();
  store = new MemoryStore(namespace);
  server = await startApp(store, { keys });
  const service = await DynamicConfig.connect(store, {
    settings: { moog_token: secret(), moog_rate: integer({ default: 1 }), alerter_token: secret() },
    service: { name: 'forwarder', version: '1' },
  });
  await service.close();
  await server.config.commit([
    { key: 'moog_token', value: 'hunter2' },
    { key: 'moog_rate', value: '100' },
    { key: 'alerter_token', value: 'hunter3' },
    { key: 'alerter_mode', value: 'dlq' },
  ]);
});
afterEach(() => server.close());

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

function as(key: string, method: Method, url: string, payload?: object): Promise<LightMyRequestResponse> {
  const headers = { 'x-api-key': key };
  return server.app.inject({ method, url: `/api/v1/${url}`, headers, ...(payload && { payload }) });
}

describe('roles', () => {
  it.each([
    ['viewer', 'GET', 'config', undefined, 200],
    ['viewer', 'GET', 'changes', undefined, 200],
    ['viewer', 'PUT', 'config/a', { value: '1' }, 403],
    ['viewer', 'DELETE', 'config/moog_rate', undefined, 403],
    ['viewer', 'POST', 'changes', { changes: [{ key: 'a', value: '1' }] }, 403],
    ['viewer', 'POST', 'settings', { service: 's', version: '1', settings: {} }, 403],
    ['viewer', 'POST', 'restore', undefined, 403],
    ['editor', 'PUT', 'config/a', { value: '1' }, 200],
    ['editor', 'POST', 'restore', undefined, 403],
    ['moog-admin', 'POST', 'restore', undefined, 403],
    [API_KEY, 'POST', 'restore', undefined, 200],
  ] as const)('let %s %s %s with %j: %i', async (key, method, url, payload, expected) => {
    const before = server.config.head.revision;
    const reply = await as(key, method, url, payload);
    expect(reply.statusCode).toBe(expected);
    if (expected === 403)
      expect([reply.json(), server.config.head.revision]).toMatchObject([{ code: 'forbidden' }, before]);
  });
});

describe('keys outside the patterns of a key do not exist for it', () => {
  it('in lists', async () => {
    const { config, count } = (await as('moog', 'GET', 'config')).json<{ config: object; count: number }>();
    expect([Object.keys(config), count]).toEqual([['moog_rate', 'moog_token'], 2]);
  });

  it('by name: the answer is that to a key that nobody has', async () => {
    const of = async (key: string): Promise<unknown> => {
      const { correlation_id: _, ...answer } = (await as('moog', 'GET', `config/${key}`)).json<
        Record<string, string>
      >();
      return JSON.parse(JSON.stringify(answer).replaceAll(key, 'KEY')) as unknown;
    };
    expect(await of('alerter_mode')).toEqual(await of('nobodys_key'));
  });

  it('in what changed', async () => {
    await server.config.set('alerter_mode', 'defer', { reason: 'not for all eyes' });
    await server.config.set('moog_rate', 200);
    const page = (await as('moog', 'GET', 'changes')).json<{ changes: { changes: { key: string }[] }[] }>();
    expect(page.changes.map(({ changes }) => changes.map(({ key }) => key))).toEqual([
      ['moog_token', 'moog_rate'],
      ['moog_rate'],
    ]);
    expect(JSON.stringify(page)).not.toMatch(/alerter|not for all eyes/);
  });

  it('in what changed, a page at a time, however much is left out between', async () => {
    for (let n = 0; n < 2_010; n++) await server.config.set('alerter_mode', String(n));
    await server.config.set('moog_rate', 200);
    const first = (await as('moog', 'GET', 'changes?after=1')).json<{
      changes: [];
      more: boolean;
      next_after: number;
    }>();
    expect(first).toEqual({ changes: [], more: true, next_after: 2_001 });
    const second = await as('moog', 'GET', `changes?after=${first.next_after}`);
    expect(second.json()).toMatchObject({ changes: [{ revision: 2_012 }], more: false });
  });

  it('in a snapshot, and in what is declared', async () => {
    const snapshot = (await as('moog-admin', 'GET', 'snapshot')).json<{ entries: object }>();
    expect(Object.keys(snapshot.entries).toSorted()).toEqual(['moog_rate', 'moog_token']);
    expect((await as('moog-admin', 'GET', 'settings')).body).not.toContain('alerter');
  });

  it.each([
    ['PUT', 'config/alerter_mode', { value: 'defer' }],
    ['DELETE', 'config/alerter_mode', undefined],
    ['PUT', 'config/new_key', { value: '1' }],
    [
      'POST',
      'changes',
      {
        changes: [
          { key: 'moog_rate', value: '5' },
          { key: 'alerter_mode', delete: true },
        ],
      },
    ],
    ['POST', 'settings', { service: 's', version: '1', settings: { alerter_mode: { type: 'text', rule: {} } } }],
  ] as const)('for changes: %s %s says the rule, and changes nothing', async (method, url, payload) => {
    const before = server.config.head.revision;
    const reply = await as('moog', method, url, payload);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      403,
      { code: 'forbidden', error: expect.stringContaining('the keys that match moog_* only') as string },
    ]);
    expect(server.config.head.revision).toBe(before);
  });

  it('while those inside are changed as usual', async () => {
    expect((await as('moog', 'PUT', 'config/moog_rate', { value: '7' })).json()).toMatchObject({ value: '7' });
    expect((await as('moog', 'DELETE', 'config/moog_rate')).statusCode).toBe(200);
  });
});

describe('secrets, for a key that does not read them', () => {
  it('are masked in lists, alone, and in what changed', async () => {
    await server.config.set('moog_token', 'hunter4');
    const replies = await Promise.all(
      ['config', 'config/moog_token', 'changes'].map((url) => as('viewer', 'GET', url)),
    );
    for (const { body } of replies) {
      expect(body).toContain(SECRET_MASK);
      expect(body).not.toMatch(/hunter\d/);
    }
  });

  it('are not shown for the asking', async () => {
    for (const url of ['config?reveal=true', 'config/moog_token?reveal=true']) {
      const reply = await as('editor', 'GET', url);
      expect([reply.statusCode, reply.body]).toEqual([403, expect.stringContaining('may not read secret')]);
    }
    expect((await as(API_KEY, 'GET', 'config?reveal=true')).body).toContain('hunter2');
  });

  it('are left out of a snapshot: a mask is no value', async () => {
    const { body } = await as('viewer', 'GET', 'snapshot');
    expect(body).not.toMatch(/token|hunter|•/);
    expect((await as(API_KEY, 'GET', 'snapshot')).body).toContain('hunter2');
  });

  it('can be set, and the answer does not show what was there', async () => {
    const reply = await as('editor', 'POST', 'changes', { changes: [{ key: 'moog_token', value: 'hunter9' }] });
    expect(reply.json()).toMatchObject({
      changes: [{ key: 'moog_token', value: SECRET_MASK, previous_value: SECRET_MASK, masked: true }],
    });
    expect(server.config.entry('moog_token')?.value).toBe('hunter9');
  });

  it.each([
    ['PUT', 'config/moog_token', { value: SECRET_MASK }],
    ['POST', 'changes', { changes: [{ key: 'moog_token', value: SECRET_MASK }], force: true }],
  ] as const)('are not overwritten with their mask by %s %s', async (method, url, payload) => {
    expect((await as('editor', method, url, payload)).json()).toMatchObject({ code: 'value_invalid' });
    expect(server.config.entry('moog_token')?.value).toBe('hunter2');
  });

  it('tell nothing of themselves by the ETag, which still changes with every change', async () => {
    const tag = async (key: string): Promise<unknown> => (await as(key, 'GET', 'config')).headers.etag;
    const other = await startApp(new MemoryStore(namespace), { keys });
    const before = await tag('viewer');
    const elsewhere = await other.app.inject({ url: '/api/v1/config', headers: { 'x-api-key': 'viewer' } });
    expect(elsewhere.headers.etag).not.toBe(before);
    expect(await tag('viewer')).toBe(before);
    expect(await tag('moog')).not.toBe(before);
    await server.config.set('moog_token', 'hunter5');
    expect(await tag('viewer')).not.toBe(before);
    await other.close();
  });
});

it('an instance whose key reads no secrets never takes a mask for a value, whatever it writes', async () => {
  const url = await server.listen();
  const remote = HttpStore.open(url, { apiKey: 'editor' });
  const config = await DynamicConfig.connect(remote);
  const commit = await config.commit([
    { key: 'moog_token', value: 'hunter6' },
    { key: 'moog_rate', value: '6' },
  ]);
  expect(commit).toMatchObject({ changes: [{ key: 'moog_rate', value: '6' }], withheld: 1 });
  expect(JSON.stringify(config.getAll())).not.toContain(SECRET_MASK);
  expect(config.get('moog_rate')).toBe('6');
  const history = [];
  for await (const one of config.history({ afterRevision: 0 })) history.push(one);
  expect(history).toHaveLength(2);
  expect(JSON.stringify(history)).not.toMatch(new RegExp(`${SECRET_MASK}|hunter`));
  await config.close();
  await remote.close();
});

describe('where every change needs a reason', () => {
  it.each([
    ['PUT', 'config/a', { value: '1' }],
    ['PUT', 'config/a', { value: '1', reason: ' \t\n ' }],
    ['PUT', 'config/a', { value: '1', force: true }],
    ['DELETE', 'config/moog_rate', undefined],
    ['POST', 'changes', { changes: [{ key: 'a', value: '1' }], reason: '' }],
    ['POST', 'restore', undefined],
  ] as const)('%s %s with %j is refused', async (method, url, payload) => {
    await server.close();
    server = await startApp(new MemoryStore(namespace), { requireReason: true });
    const reply = await as(API_KEY, method, url, payload);
    expect([reply.statusCode, reply.json()]).toMatchObject([422, { code: 'reason_required' }]);
    const given = await as(API_KEY, method, url, { ...payload, reason: 'incident 4711' });
    expect(given.statusCode).toBe(200);
  });
});
