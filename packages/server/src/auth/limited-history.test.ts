import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LightMyRequestResponse } from 'fastify';
import { DynamicConfig, MemoryStore, secret, SECRET_MASK } from '@mutt/dynamic-config';
import { openTestDatabase } from '../../test/access-app.ts';
import type { TestDatabase } from '../../test/access-app.ts';
import { API_KEY, startApp, testKey } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

let database: TestDatabase;
let server: TestApp;

const keys = [
  testKey('viewer', { id: '2', name: 'viewer', role: 'viewer', readsSecrets: false }),
  testKey('moog', { id: '3', name: 'moog', role: 'editor', keyPatterns: ['moog_*'], readsSecrets: false }),
];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.remove());
beforeEach(async () => {
  const store = new MemoryStore();
  server = await startApp(store, { keys, database, requireReason: true });
  const service = await DynamicConfig.connect(store, {
    settings: { moog_token: secret() },
    service: { name: 'forwarder', version: '1' },
  });
  await service.close();
  for (const value of ['hunter1', 'hunter2']) {
    await server.config.commit([
      { key: 'moog_token', value },
      { key: 'alerter_mode', value: `not for moog: ${value.at(-1)}` },
    ]);
  }
});
afterEach(() => server.close());

function as(key: string, method: 'GET' | 'POST', url: string, payload?: object): Promise<LightMyRequestResponse> {
  const headers = { 'x-api-key': key };
  return server.app.inject({ method, url: `/api/v1/${url}`, headers, ...(payload && { payload }) });
}

const PAGES = ['audit', 'audit/export?format=jsonl', 'config/moog_token/history', 'diff?from=1', 'snapshot?at=1'];
const more = (url: string, query: string): string => `${url}${url.includes('?') ? '&' : '?'}${query}`;

describe('what was', () => {
  it.each(PAGES)('is told of seen keys only, with secrets masked: %s', async (url) => {
    const reply = await as('moog', 'GET', url);
    expect(reply.statusCode).toBe(200);
    expect(reply.body).toContain(SECRET_MASK);
    expect(reply.body).not.toMatch(/hunter|alerter|not for moog/);
  });

  it.each(PAGES)('does not show secrets for the asking: %s', async (url) => {
    expect((await as('viewer', 'GET', more(url, 'reveal=true'))).json()).toMatchObject({ code: 'forbidden' });
    expect((await as(API_KEY, 'GET', more(url, 'reveal=true'))).body).toContain('hunter');
  });

  it('is 404 of keys that are not seen, and proven to viewers, too', async () => {
    expect((await as('moog', 'GET', 'config/alerter_mode/history')).statusCode).toBe(404);
    const head = (await as('viewer', 'GET', 'audit/head')).json<object>();
    expect((await as('viewer', 'POST', 'audit/verify', { head })).statusCode).toBe(200);
  });
});

describe('the way back', () => {
  it.each([
    ['config/alerter_mode/rollback', { revision: 2, reason: 'over' }],
    ['changes/2/rollback', { reason: 'over' }],
  ])('is closed for keys that are not seen, and names none of them: %s', async (url, payload) => {
    const before = server.config.head.revision;
    const reply = await as('moog', 'POST', url, payload);
    expect([reply.statusCode, reply.json()]).toMatchObject([403, { code: 'forbidden' }]);
    expect([reply.body.includes('alerter'), server.config.head.revision]).toEqual([false, before]);
  });

  it('tells nothing of a secret by rules that somebody made up, nor by a change set that is only tried', async () => {
    const rule = { pattern: 'Q.*' };
    const declaration = { service: 'evil', version: '1', settings: { moog_token: { type: 'text', rule } } };
    await as('moog', 'POST', 'settings', declaration);
    const guess = { to_revision: 1, if_revision: 1, reason: 'guess' };
    expect((await as('moog', 'POST', 'config/moog_token/rollback', guess)).json()).toMatchObject({
      code: 'rollback_conflict',
    });
    for (const value of ['hunter2', 'QQQ']) {
      const changes = [{ key: 'moog_token', value }];
      const tried = await as('moog', 'POST', 'changes', { changes, dry_run: true, reason: 'guess', force: true });
      expect(tried.json()).toMatchObject({ changes: [{ key: 'moog_token', masked: true }] });
    }
  });

  it.each(['config/moog_token/rollback', 'changes/2/rollback'])(
    'needs a reason where all changes do: %s',
    async (url) => {
      const before = server.config.head.revision;
      expect((await as(API_KEY, 'POST', url, { reason: ' ' })).json()).toMatchObject({ code: 'reason_required' });
      expect(server.config.head.revision).toBe(before);
      expect((await as(API_KEY, 'POST', url, { reason: 'incident over' })).statusCode).toBe(200);
    },
  );
});
