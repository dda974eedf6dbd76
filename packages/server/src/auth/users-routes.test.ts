import { DATABASES } from '../../test/databases.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_KEY_ID, cookieOf, openTestDatabase, OWN_PAGE, startAccessApp } from '../../test/access-app.ts';
import type { AccessApp, TestDatabase } from '../../test/access-app.ts';

const USERS = '/api/v1/users';
const PASSWORD = 'correct horse battery staple';

describe.each(DATABASES)('users in $name', (kind) => {
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

  const create = async (about: object): Promise<number> =>
    (await server.call('POST', USERS, { payload: { password: PASSWORD, ...about } })).statusCode;

  describe('users', () => {
    it('are listed without anything of their passwords', async () => {
      await create({ name: 'alice', role: 'editor', key_patterns: ['moog_*'], secrets: true });
      const reply = await server.call('GET', USERS);
      expect(reply.json()).toEqual({
        users: [
          {
            name: 'alice',
            role: 'editor',
            key_patterns: ['moog_*'],
            secrets: true,
            disabled: false,
            created_at: '2026-01-01T00:00:00.000Z',
            created_by: 'admin',
          },
        ],
        count: 1,
      });
      expect(reply.body).not.toContain('argon2');
    });

    it('keep what a change does not mention', async () => {
      await create({ name: 'alice', role: 'editor', key_patterns: ['moog_*'] });
      const reply = await server.call('PATCH', `${USERS}/alice`, { payload: { secrets: true } });
      expect(reply.json()).toMatchObject({ role: 'editor', key_patterns: ['moog_*'], secrets: true, disabled: false });
    });

    it.each([
      ['with a short password', { name: 'a', role: 'viewer', password: 'short' }, 400],
      ['with a name that is none', { name: 'A b', role: 'viewer' }, 400],
      ['with a role that is none', { name: 'a', role: 'root' }, 400],
      ['with a name that is taken', { name: 'alice', role: 'viewer' }, 409],
    ])('are refused %s', async (_, about, expected) => {
      await create({ name: 'alice', role: 'viewer' });
      expect(await create(about)).toBe(expected);
    });

    it('that are unknown cannot be changed or deleted', async () => {
      expect((await server.call('PATCH', `${USERS}/bob`, { payload: { disabled: true } })).statusCode).toBe(404);
      expect((await server.call('DELETE', `${USERS}/bob`)).statusCode).toBe(404);
    });
  });

  describe('the last admin', () => {
    /** Signed in as a user who is the only admin left. */
    async function asLastAdmin(): Promise<Record<string, string>> {
      await create({ name: 'root', role: 'admin' });
      const payload = { username: 'root', password: PASSWORD };
      const headers = {
        ...OWN_PAGE,
        cookie: cookieOf(await server.call('POST', '/api/v1/session', { payload, headers: {} })),
      };
      expect((await server.call('DELETE', `/api/v1/keys/${ADMIN_KEY_ID}`, { headers })).statusCode).toBe(200);
      return headers;
    }

    it.each([
      ['be disabled', { disabled: true }],
      ['get another role', { role: 'editor' }],
      ['be limited to some keys', { key_patterns: ['a*'] }],
      ['be kept from secrets', { secrets: false }],
    ])('cannot %s', async (_, payload) => {
      const headers = await asLastAdmin();
      const reply = await server.call('PATCH', `${USERS}/root`, { payload, headers });
      expect([reply.statusCode, reply.json()]).toMatchObject([409, { code: 'last_admin' }]);
      expect((await server.call('GET', USERS, { headers })).json()).toMatchObject({
        users: [{ name: 'root', role: 'admin' }],
      });
    });

    it('cannot be deleted, until there is another one', async () => {
      const headers = await asLastAdmin();
      expect((await server.call('DELETE', `${USERS}/root`, { headers })).statusCode).toBe(409);
      const payload = { name: 'second', role: 'admin', password: PASSWORD };
      await server.call('POST', USERS, { payload, headers });
      expect((await server.call('DELETE', `${USERS}/root`, { headers })).statusCode).toBe(200);
    });
  });
});
