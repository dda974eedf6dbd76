import { DATABASES } from '../../test/databases.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { ADMIN_KEY, ADMIN_KEY_ID, openTestDatabase, startAccessApp } from '../../test/access-app.ts';
import type { AccessApp, TestDatabase } from '../../test/access-app.ts';
import type { Database } from '../database/database.ts';
import { REFRESH_MS } from './access-sync.ts';

const KEYS = '/api/v1/keys';

describe.each(DATABASES)('API keys in $name', (kind) => {
  let database: TestDatabase;
  let server: AccessApp;

  beforeAll(async () => {
    database = await openTestDatabase(kind);
  });
  afterAll(() => database.remove());
  beforeEach(async () => {
    await database.reset();
    server = await startAccessApp(database);
  });
  afterEach(() => server.close());

  const status = async (key: string, on = server): Promise<number> =>
    (await on.call('GET', '/api/v1/config', { headers: { 'x-api-key': key } })).statusCode;

  interface Listed {
    readonly id: string;
    readonly name: string;
    readonly last_used_at: string | null;
  }
  const listed = async (): Promise<Listed[]> => (await server.call('GET', KEYS)).json<{ keys: Listed[] }>().keys;

  describe('an API key', () => {
    it('is shown once, with 256 random bits, and opens the server from then on', async () => {
      const payload = {
        name: 'forwarder',
        role: 'editor',
        key_patterns: ['moog_*'],
        expires_at: '2027-01-01T00:00:00Z',
      };
      const made = await server.call('POST', KEYS, { payload });
      const { id, key } = made.json<{ id: string; key: string }>();
      expect(made.statusCode).toBe(201);
      expect(made.headers['cache-control']).toBe('no-store');
      expect(key).toMatch(new RegExp(`^mutt_${id}_[\\w-]{43}$`));
      expect(await status(key)).toBe(200);
      const all = await server.call('GET', KEYS);
      expect(all.body).not.toContain(key.slice(-43));
      expect(all.json()).toMatchObject({
        count: 2,
        keys: [
          { id: ADMIN_KEY_ID, name: 'admin', role: 'admin', key_patterns: null, secrets: true, expires_at: null },
          {
            id,
            name: 'forwarder',
            role: 'editor',
            key_patterns: ['moog_*'],
            secrets: false,
            created_at: '2026-01-01T00:00:00.000Z',
            created_by: 'admin',
            expires_at: '2027-01-01T00:00:00.000Z',
            last_used_at: '2026-01-01T00:00:00.000Z',
          },
        ],
      });
    });

    it('is stored as nothing but a hash', async () => {
      const { key } = await server.key({ name: 'a', role: 'viewer' });
      const rows = await database.run((db) => db.selectFrom('api_key').selectAll().execute());
      const secret = key.slice(-43);
      expect(JSON.stringify(rows)).not.toContain(secret);
      expect(rows.every(({ hash }) => hash.length === 32)).toBe(true);
    });

    it('opens nothing any more at once when it is revoked, and tells who holds something open', async () => {
      const { id, key } = await server.key({ name: 'a', role: 'viewer' });
      const revoked: string[] = [];
      server.access.list.onRevoked((grantId) => revoked.push(grantId));
      expect((await server.call('DELETE', `${KEYS}/${id}`)).json()).toEqual({ message: `API key revoked: ${id}` });
      expect([await status(key), revoked]).toEqual([401, [`key:${id}`]]);
      expect((await server.call('DELETE', `${KEYS}/${id}`)).statusCode).toBe(404);
    });

    it('that was revoked at another server is refused within five seconds', async () => {
      const { id, key } = await server.key({ name: 'a', role: 'viewer' });
      const other = await startAccessApp(database);
      const revoked: string[] = [];
      other.access.list.onRevoked((grantId) => revoked.push(grantId));
      await server.call('DELETE', `${KEYS}/${id}`);
      expect(await status(key, other)).toBe(200);
      other.clock.advance(REFRESH_MS);
      await until('the other server knows', async () => (await status(key, other)) === 401);
      expect(revoked).toEqual([`key:${id}`]);
      await other.close();
    });

    it('goes on to work while the database is down, and expires all the same', async () => {
      let isDown = false;
      const flaky: Database = {
        location: 'flaky',
        run: async (task) => {
          if (isDown) throw new StoreUnavailableError('The database is down.');
          return database.run(task);
        },
        close: async () => {},
      };
      const cut = await startAccessApp(flaky);
      const payload = { name: 'brief', role: 'viewer', expires_at: '2026-01-01T01:00:00Z' };
      const { key } = (await cut.call('POST', KEYS, { payload })).json<{ key: string }>();
      isDown = true;
      cut.clock.advance(REFRESH_MS);
      await cut.access.sync.tick();
      expect([await status(ADMIN_KEY, cut), await status(key, cut)]).toEqual([200, 200]);
      expect((await cut.call('POST', KEYS, { payload: { name: 'b', role: 'viewer' } })).statusCode).toBe(503);
      const ended: string[] = [];
      cut.access.list.onRevoked((grantId) => ended.push(grantId));
      cut.clock.advance(3_600_000);
      await cut.access.sync.tick();
      expect([await status(ADMIN_KEY, cut), await status(key, cut), ended.length]).toEqual([200, 401, 1]);
      isDown = false;
      await cut.close();
    });

    it('is not looked up in the database when a request comes', async () => {
      let calls = 0;
      const counting: Database = { ...database, run: (task) => (calls++, database.run(task)) };
      const counted = await startAccessApp(counting);
      const before = calls;
      for (let n = 0; n < 20; n++) await status(ADMIN_KEY, counted);
      expect(calls).toBe(before);
      await counted.close();
    });

    it('has its last use written at most once a minute', async () => {
      const stored = async (): Promise<Date | null> =>
        database.run(async (db) => {
          const query = db.selectFrom('api_key').select('last_used_at').where('id', '=', ADMIN_KEY_ID);
          return (await query.executeTakeFirstOrThrow()).last_used_at;
        });
      server.clock.advance(30_000);
      await status(ADMIN_KEY);
      await server.access.sync.tick();
      expect(await stored()).toBeNull();
      server.clock.advance(30_000);
      await server.access.sync.tick();
      expect((await stored())?.toISOString()).toBe('2026-01-01T00:00:30.000Z');
      await status(ADMIN_KEY);
      await server.access.sync.tick();
      expect((await stored())?.toISOString()).toBe('2026-01-01T00:00:30.000Z');
      expect((await listed())[0]?.last_used_at).toBe('2026-01-01T00:01:00.000Z');
    });

    it('of the last admin cannot revoke itself; with another one it can', async () => {
      const refused = await server.call('DELETE', `${KEYS}/${ADMIN_KEY_ID}`);
      expect([refused.statusCode, refused.json()]).toMatchObject([409, { code: 'last_admin' }]);
      expect(await status(ADMIN_KEY)).toBe(200);
      await server.key({ name: 'viewer', role: 'viewer' });
      await server.key({ name: 'limited', role: 'admin', key_patterns: ['a*'] });
      await server.key({ name: 'brief', role: 'admin', expires_at: '2026-01-01T00:00:01Z' });
      server.clock.advance(1_000);
      expect((await server.call('DELETE', `${KEYS}/${ADMIN_KEY_ID}`)).statusCode).toBe(409);
      await server.key({ name: 'second', role: 'admin' });
      expect((await server.call('DELETE', `${KEYS}/${ADMIN_KEY_ID}`)).statusCode).toBe(200);
      expect(await status(ADMIN_KEY)).toBe(401);
    });

    it('is removed once by two admins who remove each other at the same time', async () => {
      const second = await server.key({ name: 'second', role: 'admin' });
      const replies = await Promise.all([
        server.call('DELETE', `${KEYS}/${second.id}`),
        server.call('DELETE', `${KEYS}/${ADMIN_KEY_ID}`, { headers: { 'x-api-key': second.key } }),
      ]);
      expect(replies.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 409]);
    });
  });

  describe('a new API key is refused', () => {
    it.each([
      ['without a name', { role: 'viewer' }, 400],
      ['with a role that is none', { name: 'a', role: 'root' }, 400],
      ['with a pattern that is none', { name: 'a', role: 'viewer', key_patterns: ['a b'] }, 400],
      ['with no pattern at all', { name: 'a', role: 'viewer', key_patterns: [] }, 400],
      ['when it has expired', { name: 'a', role: 'viewer', expires_at: '2025-12-31T23:59:59Z' }, 400],
      ['with a field that is none', { name: 'a', role: 'viewer', key: 'mine' }, 400],
      ['with a name that is taken', { name: 'admin', role: 'viewer' }, 409],
    ])('%s', async (_, payload, expected) => {
      expect((await server.call('POST', KEYS, { payload })).statusCode).toBe(expected);
      expect(await listed()).toHaveLength(1);
    });

    it.each([
      ['an editor', { role: 'editor' }],
      ['an admin who does not see all keys', { role: 'admin', key_patterns: ['a*'] }],
      ['an admin who does not read secrets', { role: 'admin', secrets: false }],
    ])('from %s', async (_, about) => {
      const { key } = await server.key({ name: 'a', ...about });
      const headers = { 'x-api-key': key };
      const payload = { name: 'b', role: 'admin' };
      for (const method of ['GET', 'POST'] as const) {
        const reply = await server.call(method, KEYS, { headers, ...(method === 'POST' && { payload }) });
        expect([reply.statusCode, reply.json()]).toMatchObject([403, { code: 'forbidden' }]);
      }
      expect(await listed()).toHaveLength(2);
    });
  });
});
