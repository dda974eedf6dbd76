import { DATABASES } from '../../test/databases.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LightMyRequestResponse } from 'fastify';
import { until } from '@mutt/dynamic-config/testing';
import { cookieOf, openTestDatabase, OWN_PAGE, startAccessApp } from '../../test/access-app.ts';
import type { AccessApp, TestDatabase } from '../../test/access-app.ts';
import { IDLE_MS } from './access-list.ts';
import { REFRESH_MS } from './access-sync.ts';
import { newSignInToken } from './sign-in-link.ts';

const SESSION = '/api/v1/session';
const PASSWORD = 'correct horse battery staple';
const OTHER_PASSWORD = 'a password of another kind';

describe.each(DATABASES)('sessions in $name', (kind) => {
  let database: TestDatabase;
  let server: AccessApp;

  beforeAll(async () => {
    database = await openTestDatabase(kind);
  });
  afterAll(() => database.remove());
  beforeEach(async () => {
    await database.reset();
    server = await startAccessApp(database);
    await server.call('POST', '/api/v1/users', { payload: { name: 'alice', password: PASSWORD, role: 'editor' } });
  });
  afterEach(() => server.close());

  type Headers = Readonly<Record<string, string>>;

  async function signIn(
    username = 'alice',
    password = PASSWORD,
    headers: Headers = {},
  ): Promise<LightMyRequestResponse> {
    return server.call('POST', SESSION, { payload: { username, password }, headers: { ...OWN_PAGE, ...headers } });
  }

  /** What a browser sends that is signed in. */
  async function browser(username?: string, password?: string): Promise<Headers> {
    return { ...OWN_PAGE, cookie: cookieOf(await signIn(username, password)) };
  }

  const status = async (headers: Headers, on = server): Promise<number> =>
    (await on.call('GET', SESSION, { headers })).statusCode;

  describe('signing in', () => {
    it('gives a cookie that only this server sees, and says who one is', async () => {
      const reply = await signIn();
      expect(reply.headers['set-cookie']).toMatch(
        /^__Host-mutt_session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
      );
      const who = {
        kind: 'user',
        name: 'alice',
        role: 'editor',
        key_patterns: null,
        secrets: false,
        expires_at: '2026-01-08T00:00:00.000Z',
        idle_expires_at: '2026-01-01T12:00:00.000Z',
      };
      expect(reply.json()).toMatchObject(who);
      const headers = { ...OWN_PAGE, cookie: cookieOf(reply) };
      expect((await server.call('GET', SESSION, { headers })).json()).toMatchObject(who);
      const put = await server.call('PUT', '/api/v1/config/a', { headers, payload: { value: '1' } });
      expect(put.statusCode).toBe(200);
      expect(server.config.entry('a')?.changedBy).toBe('alice');
    });

    it('takes the name in any case', async () => {
      expect((await signIn('Alice')).statusCode).toBe(200);
    });

    it('stores nothing but a hash of the token', async () => {
      const token = cookieOf(await signIn()).split('=')[1] ?? '';
      const rows = await database.run((db) => db.selectFrom('user_session').selectAll().execute());
      expect(token).toHaveLength(43);
      expect(JSON.stringify(rows)).not.toContain(token);
    });

    it('gives a new token each time, and ends the session before', async () => {
      const first = await browser();
      const second = cookieOf(await signIn('alice', PASSWORD, { cookie: first['cookie'] ?? '' }));
      expect(second).not.toBe(first['cookie']);
      expect([await status(first), await status({ ...OWN_PAGE, cookie: second })]).toEqual([401, 200]);
    });

    it.each([
      ['a wrong password', 'alice', 'wrong password here'],
      ['a user who is none', 'bob', PASSWORD],
    ])('is refused with %s, in the same words', async (_, username, password) => {
      const reply = await signIn(username, password);
      expect([reply.statusCode, reply.json()]).toMatchObject([
        401,
        { code: 'unauthorized', error: 'The user name or the password is wrong.' },
      ]);
      expect(reply.headers['set-cookie']).toBeUndefined();
    });

    it('is held back after ten failures for a name, also with the right password, and from anywhere', async () => {
      const attempt = (password: string, n: number): Promise<LightMyRequestResponse> =>
        server.call('POST', SESSION, {
          payload: { username: 'alice', password },
          remoteAddress: `10.0.0.${n}`,
          headers: {},
        });
      for (let n = 0; n < 10; n++) expect((await attempt('wrong', n)).statusCode).toBe(401);
      const held = await attempt(PASSWORD, 11);
      expect([held.statusCode, held.json()]).toMatchObject([429, { code: 'too_many_requests' }]);
      expect(held.headers['retry-after']).toBe('30');
      server.clock.advance(30_000);
      expect((await attempt(PASSWORD, 12)).statusCode).toBe(200);
    });

    it('is held back after thirty failures from an address, whatever the names', async () => {
      const attempt = (username: string): Promise<LightMyRequestResponse> => signIn(username, 'wrong');
      const replies = await Promise.all(Array.from({ length: 30 }, (_, n) => attempt(`user${n}`)));
      expect(replies.every(({ statusCode }) => statusCode === 401)).toBe(true);
      expect((await attempt('user31')).statusCode).toBe(429);
      expect((await signIn()).statusCode).toBe(429);
    });
  });

  describe('a session', () => {
    it('ends when its user signs out, and the cookie with it', async () => {
      const headers = await browser();
      const revoked: string[] = [];
      server.access.list.onRevoked((grantId) => revoked.push(grantId));
      const reply = await server.call('DELETE', SESSION, { headers });
      expect(reply.headers['set-cookie']).toMatch(/^__Host-mutt_session=; .*Max-Age=0$/);
      expect(await status(headers)).toBe(401);
      expect(revoked).toEqual([expect.stringMatching(/^session:/)]);
    });

    it('is sent by a program in X-API-Key, without a page of its own, and ends there too', async () => {
      const token = cookieOf(await signIn()).split('=')[1] ?? '';
      const headers = { 'x-api-key': token, host: 'anything.example' };
      const changed = await server.call('PUT', '/api/v1/config/by-program', { headers, payload: { value: '1' } });
      expect(changed.statusCode).toBe(200);
      expect(server.config.entry('by-program')?.changedBy).toBe('alice');
      expect((await server.call('DELETE', '/api/v1/session', { headers })).statusCode).toBe(200);
      expect((await server.call('GET', '/api/v1/session', { headers })).statusCode).toBe(401);
    });

    it('ends when nobody uses it for 12 hours', async () => {
      const headers = await browser();
      server.clock.advance(IDLE_MS - 1);
      expect(await status(headers)).toBe(200);
      server.clock.advance(IDLE_MS);
      expect(await status(headers)).toBe(401);
    });

    it.each([
      ['disabled', { disabled: true }],
      ['given another password', { password: OTHER_PASSWORD }],
    ])('ends when its user is %s', async (_, payload) => {
      const headers = await browser();
      expect((await server.call('PATCH', '/api/v1/users/alice', { payload })).statusCode).toBe(200);
      expect([await status(headers), (await signIn()).statusCode]).toEqual([401, 401]);
    });

    it('has other rights as soon as its user has', async () => {
      const headers = await browser();
      const put = async (): Promise<number> =>
        (await server.call('PUT', '/api/v1/config/a', { headers, payload: { value: '1' } })).statusCode;
      expect(await put()).toBe(200);
      await server.call('PATCH', '/api/v1/users/alice', { payload: { key_patterns: ['b*'] } });
      expect(await put()).toBe(403);
      await server.call('PATCH', '/api/v1/users/alice', { payload: { role: 'viewer', key_patterns: null } });
      expect(await put()).toBe(403);
      expect(await status(headers)).toBe(200);
    });

    it('ends with its user, at other servers too', async () => {
      const headers = await browser();
      const other = await startAccessApp(database);
      expect(await status(headers, other)).toBe(200);
      expect((await server.call('DELETE', '/api/v1/users/alice')).statusCode).toBe(200);
      expect(await status(headers)).toBe(401);
      other.clock.advance(REFRESH_MS);
      await until('the other server knows', async () => (await status(headers, other)) === 401);
      await other.close();
    });

    it('is seen and ended by its user, and by admins, and by nobody else', async () => {
      await server.call('POST', '/api/v1/users', { payload: { name: 'bob', password: PASSWORD, role: 'viewer' } });
      const [alice, bob] = [await browser(), await browser('bob')];
      const seenBy = async (headers: Headers): Promise<{ id: string; user: string; is_current: boolean }[]> =>
        (await server.call('GET', '/api/v1/sessions', { headers })).json<{ sessions: [] }>().sessions;
      expect(await seenBy(bob)).toMatchObject([{ user: 'bob', is_current: true, address: '127.0.0.1' }]);
      const all = (await server.call('GET', '/api/v1/sessions')).json<{ sessions: { id: string; user: string }[] }>();
      expect(all.sessions.map(({ user }) => user).toSorted()).toEqual(['alice', 'bob']);
      const [ofAlice] = await seenBy(alice);
      const end = async (headers: Headers | undefined): Promise<number> =>
        (await server.call('DELETE', `/api/v1/sessions/${ofAlice?.id}`, headers && { headers })).statusCode;
      expect([await end(bob), await status(alice)]).toEqual([404, 200]);
      expect([await end(undefined), await status(alice)]).toEqual([200, 401]);
    });

    it('outlives a change of its own password, and all others of the user end', async () => {
      const [here, elsewhere] = [await browser(), await browser()];
      const change = (current_password: string): Promise<LightMyRequestResponse> =>
        server.call('POST', `${SESSION}/password`, {
          headers: here,
          payload: { current_password, new_password: OTHER_PASSWORD },
        });
      expect((await change('wrong')).statusCode).toBe(401);
      expect((await change(PASSWORD)).statusCode).toBe(200);
      expect([await status(here), await status(elsewhere)]).toEqual([200, 401]);
      expect([(await signIn()).statusCode, (await signIn('alice', OTHER_PASSWORD)).statusCode]).toEqual([401, 200]);
    });
  });

  describe('the link of the first start', () => {
    const use = (token: string, password = PASSWORD): Promise<LightMyRequestResponse> =>
      server.call('POST', SESSION, { payload: { token, password }, headers: OWN_PAGE });
    const newToken = (): Promise<string> => database.run((db) => newSignInToken(db, server.clock.now()));

    it('makes the user admin, with the password that is chosen, once', async () => {
      const token = await newToken();
      const reply = await use(token);
      expect(reply.json()).toMatchObject({ name: 'admin', role: 'admin', key_patterns: null, secrets: true });
      const headers = { ...OWN_PAGE, cookie: cookieOf(reply) };
      expect((await server.call('GET', '/api/v1/keys', { headers })).statusCode).toBe(200);
      expect((await signIn('admin')).statusCode).toBe(200);
      const again = await use(token, OTHER_PASSWORD);
      expect([again.statusCode, again.json<{ error: string }>().error]).toEqual([
        401,
        expect.stringContaining('--sign-in-link'),
      ]);
      expect((await signIn('admin', OTHER_PASSWORD)).statusCode).toBe(401);
    });

    it('is not used up by a password that is too short', async () => {
      const token = await newToken();
      expect((await use(token, 'short')).statusCode).toBe(400);
      expect((await use(token)).statusCode).toBe(200);
    });

    it('is void after a day, and after a newer one', async () => {
      const [old, newer] = [await newToken(), await newToken()];
      expect((await use(old)).statusCode).toBe(401);
      server.clock.advance(24 * 3_600_000);
      expect((await use(newer)).statusCode).toBe(401);
    });

    it('lets one in of many who try at the same time', async () => {
      const token = await newToken();
      const replies = await Promise.all(Array.from({ length: 5 }, () => use(token)));
      expect(replies.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401, 401]);
    });

    it('cannot be guessed for long', async () => {
      const replies = await Promise.all(Array.from({ length: 31 }, (_, n) => use(`guess ${n}`)));
      expect(replies.filter(({ statusCode }) => statusCode === 429)).toHaveLength(1);
    });
  });
});
