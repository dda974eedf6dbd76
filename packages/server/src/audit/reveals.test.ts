import { describeSetting, MemoryNamespace, MemoryStore, secret } from '@mutt/dynamic-config';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditRecords } from '../../test/audited.ts';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { API_KEY, startApp, testKey } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';
import { AccessList } from '../auth/access-list.ts';
import { hashToken, newSecretToken } from '../auth/secret-token.ts';
import { sessionCookie } from '../auth/session-cookie.ts';
import type { Database } from '../database/database.ts';
import { nextChangeSet } from '../webhooks/next-change-set.ts';
import { wallClock } from '../wall-clock.ts';
import { dropBefore } from './audit-retention.ts';
import { verifyTrail } from './audit-verify.ts';

const token = newSecretToken();
let test: TestDatabase;
let server: TestApp;
let namespace: MemoryNamespace;
let isDatabaseUp = true;

function access(): { list: AccessList } {
  const nowMs = Date.now();
  const user = { id: 'u', name: 'alice', role: 'admin', keyPatterns: null, readsSecrets: true } as const;
  const session = { id: 's', hash: hashToken(token), userId: 'u', address: '127.0.0.1', userAgent: null };
  const records = {
    keys: [testKey(API_KEY)],
    users: [{ ...user, isDisabled: false, createdAtMs: nowMs, createdBy: 'admin' }],
    sessions: [{ ...session, createdAtMs: nowMs, lastSeenAtMs: nowMs, expiresAtMs: nowMs + 600_000 }],
  };
  return { list: new AccessList(records, wallClock) };
}

beforeAll(async () => {
  test = await (DATABASES[0] as (typeof DATABASES)[number]).start();
});
afterAll(async () => {
  await server.close();
  await test.stop();
});
beforeEach(async () => {
  await (server as TestApp | undefined)?.close();
  await test.reset();
  isDatabaseUp = true;
  const database: Database = {
    location: '',
    run: async (task) => (isDatabaseUp ? test.database.run(task) : Promise.reject(new Error('down'))),
    close: async () => {},
  };
  namespace = new MemoryNamespace();
  const store = new MemoryStore(namespace);
  const settings = { moog_token: describeSetting(secret()), alerter_token: describeSetting(secret()) };
  await store.register({ service: 'forwarder', version: '1', settings });
  server = await startApp(store, { database, access: access() });
  await server.config.commit([
    { key: 'moog_token', value: 'hunter1' },
    { key: 'moog_rate', value: '1' },
  ]);
  await server.config.set('moog_token', 'hunter2', { changedBy: 'bob' });
});

const COOKIE = { cookie: sessionCookie(token), host: 'localhost:8090', origin: 'http://localhost:8090' };

async function ask(url: string, headers: Record<string, string> = { 'x-api-key': API_KEY }) {
  return server.app.inject({ url: `/api/v1/${url}`, headers });
}

/** Who looked at what. */
async function looks(): Promise<string[]> {
  const records = await auditRecords(test.database);
  return records.filter(({ operation }) => operation === 'REVEAL').map(({ key, changedBy }) => `${changedBy}: ${key}`);
}

describe('a secret that is told in plain', () => {
  it('leaves a record of who asked, without its value, in the same chain', async () => {
    await ask('audit');
    const reply = await ask('config/moog_token?reveal=true', COOKIE);
    expect(reply.json()).toMatchObject({ value: 'hunter2' });
    const records = await auditRecords(test.database);
    expect(records.at(-1)).toMatchObject({
      changedBy: 'alice',
      operation: 'REVEAL',
      source: 'reveal',
      key: 'moog_token',
      oldValues: null,
      newValues: null,
      correlationId: reply.headers['x-correlation-id'],
    });
    expect(await verifyTrail(test.database)).toMatchObject({ problem: null, records: records.length });
    // What is committed later follows it.
    await server.config.set('moog_rate', '2');
    const list = (await ask('audit?operation=REVEAL')).json<{ records: object[] }>();
    expect(list.records).toMatchObject([{ changed_by: 'alice', key: 'moog_token', source: 'reveal' }]);
    expect((await ask('audit/verify')).json()).toMatchObject({ ok: true });
    expect((await ask('audit/export?operation=REVEAL')).body).toContain('"REVEAL"');
    expect((await ask('config/moog_token/history')).json()).toMatchObject({
      records: [{ operation: 'REVEAL' }, {}, {}],
    });
  });

  it.each([
    'config?reveal=true',
    'config/moog_token/history?reveal=true',
    'diff?from=1&reveal=true',
    'snapshot?at=2&reveal=true',
    'audit?reveal=true',
    'audit/export?reveal=true',
  ])('leaves one wherever it is told: %s', async (url) => {
    await ask('audit');
    const reply = await ask(url);
    expect(reply.body).toContain('hunter2');
    expect(await looks()).toEqual(['admin: moog_token']);
  });

  it.each(['config/moog_token', 'config', 'config/moog_rate?reveal=true', 'audit', 'entries'])(
    'is not what %s tells: that leaves none',
    async (url) => {
      expect((await ask(url)).body).not.toContain('hunter');
      expect(await looks()).toEqual([]);
    },
  );

  it.each(['config/moog_token', 'config'])('is not told by %s when that cannot be recorded', async (url) => {
    isDatabaseUp = false;
    const reply = await ask(`${url}?reveal=true`, COOKIE);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      503,
      { code: 'store_unavailable', error: expect.stringContaining('so it is not shown') as string },
    ]);
    expect(reply.body).not.toContain('hunter');
    expect((await ask(url)).statusCode).toBe(200);
  });

  it('is told to a page nowhere that leaves no record', async () => {
    for (const url of ['snapshot', 'changes']) {
      expect((await ask(url)).body).toContain('hunter2');
      expect((await ask(url, COOKIE)).body).not.toContain('hunter');
    }
    expect(await looks()).toEqual([]);
  });
});

describe('what comes after a look at a secret', () => {
  it('is as if nobody had looked: moments, undo, and what was written past us', async () => {
    await ask('audit');
    await ask('config/moog_token?reveal=true');
    const diff = (await ask('diff?from=1&reveal=true')).json<{ changes: object[] }>();
    expect(diff.changes).toMatchObject([{ from: { value: 'hunter1' }, to: { value: 'hunter2' } }]);
    const past = (await ask('snapshot?at=2&reveal=true')).json<object>();
    expect(past).toMatchObject({ entries: { moog_token: { value: 'hunter2' } } });
    const undo = {
      method: 'POST',
      url: '/api/v1/config/moog_token/rollback',
      headers: { 'x-api-key': API_KEY },
    } as const;
    expect((await server.app.inject(undo)).statusCode).toBe(200);
    expect(server.config.get('moog_token')).toBe('hunter1');
    await ask('audit');
    await ask('config/moog_token?reveal=true');
    namespace.writeRaw('moog_token', 'raw');
    await server.config.set('moog_token', 'hunter4');
    await ask('audit');
    const [, raw] = (await auditRecords(test.database)).toReversed();
    expect(raw).toMatchObject({ source: 'out-of-band', oldValues: '{"key":"moog_token","value":"hunter1"}' });
  });

  it('is told by webhooks, which are not told of the look', async () => {
    await ask('audit');
    await ask('config/moog_token?reveal=true');
    const lastId = (await auditRecords(test.database)).length;
    const next = (position: number) => test.database.run((db) => nextChangeSet(db, position, ['*']));
    expect(await next(lastId - 1)).toBe(lastId);
    await server.config.set('moog_rate', '5');
    await ask('audit');
    expect(await next(lastId - 1)).toMatchObject({ firstId: lastId + 1, lastId: lastId + 1 });
  });

  it('is remembered when old records are dropped', async () => {
    await ask('audit');
    await ask('config/moog_token?reveal=true');
    await server.config.set('moog_rate', '3');
    await ask('audit');
    await dropBefore(test.database, new Date(Date.now() + 60_000));
    const baseline = await test.database.run((db) =>
      db.selectFrom('audit_baseline').select(['key', 'value']).execute(),
    );
    expect(baseline).toContainEqual({ key: 'moog_token', value: '"hunter2"' });
    expect(await verifyTrail(test.database)).toMatchObject({ problem: null });
  });
});
