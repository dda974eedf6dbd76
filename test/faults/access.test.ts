import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newSignInToken } from '../../packages/server/src/auth/sign-in-link.ts';
import { hashToken } from '../../packages/server/src/auth/secret-token.ts';
import { ADMIN_KEY, openTestDatabase, startAccessApp } from '../../packages/server/test/access-app.ts';
import type { AccessApp, AccessAppOptions, TestDatabase } from '../../packages/server/test/access-app.ts';
import { report } from '../support/report.ts';

const PASSWORD = 'correct horse battery staple';
/** Of an operator who chose a key that can be guessed. */
const CHOSEN_KEY = 'hunter2';

let database: TestDatabase;
let server: AccessApp;
let port: number;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.remove());
beforeEach(() => start());
afterEach(() => server.close());

async function start(options: AccessAppOptions = {}): Promise<void> {
  await database.reset();
  server = await startAccessApp(database, options);
  port = Number(new URL(await server.app.listen({ host: '127.0.0.1', port: 0 })).port);
}

type Headers = Readonly<Record<string, string | undefined>>;
interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Headers;
  readonly body?: string;
}
interface Answer {
  readonly status: number;
  readonly cookie: string | undefined;
  readonly retryAfter: string | undefined;
}

/** Sends exactly that, which `fetch` would not. */
function send({ method = 'GET', path = '/api/v1/config', headers = {}, body }: Sent): Promise<Answer> {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers: given as Record<string, string> },
      (reply) => {
        reply.resume();
        reply.on('end', () =>
          resolve({
            status: reply.statusCode ?? 0,
            cookie: reply.headers['set-cookie']?.[0]?.split(';', 1)[0],
            retryAfter: reply.headers['retry-after'],
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function signIn(headers: Headers = {}, password = PASSWORD, username = 'alice'): Promise<Answer> {
  const body = JSON.stringify({ username, password });
  return send({ method: 'POST', path: '/api/v1/session', headers: { ...JSON_TYPE, ...headers }, body });
}

/** What the browser of an admin sends from the server's own page. */
async function ownPage(): Promise<Record<string, string>> {
  await server.call('POST', '/api/v1/users', { payload: { name: 'alice', password: PASSWORD, role: 'admin' } });
  const { cookie = '' } = await signIn();
  const host = `localhost:${port}`;
  return { ...JSON_TYPE, host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin', cookie };
}

/** What would do harm. */
const CHANGES: readonly Sent[] = [
  { method: 'PUT', path: '/api/v1/config/victim', body: '{"value":"stolen"}' },
  { method: 'DELETE', path: '/api/v1/config/victim' },
  { method: 'POST', path: '/api/v1/changes', body: '{"changes":[{"key":"victim","value":"stolen"}]}' },
  { method: 'POST', path: '/api/v1/restore', body: '{"accept_loss":true}' },
  { method: 'POST', path: '/api/v1/keys', body: '{"name":"mine","role":"admin"}' },
  { method: 'POST', path: '/api/v1/users', body: `{"name":"mine","role":"admin","password":"${PASSWORD}"}` },
  { method: 'PATCH', path: '/api/v1/users/alice', body: '{"disabled":true}' },
  { method: 'DELETE', path: '/api/v1/users/alice' },
  {
    method: 'POST',
    path: '/api/v1/session/password',
    body: `{"current_password":"${PASSWORD}","new_password":"${PASSWORD}2"}`,
  },
  { method: 'DELETE', path: '/api/v1/session' },
];

/** How another site could send them, beside the cookie that the browser adds. */
const FORGERIES: readonly (readonly [string, Headers])[] = [
  ['from another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['from another site, by an old browser', { origin: 'https://evil.example', 'sec-fetch-site': undefined }],
  ['from a page without an origin', { origin: 'null', 'sec-fetch-site': undefined }],
  ['from another port of the same machine', { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' }],
  ['from a subdomain of ours', { origin: undefined, 'sec-fetch-site': 'same-site' }],
  ['from a site named like ours', { origin: 'http://localhost.evil.example', 'sec-fetch-site': undefined }],
  ['without a word of where from', { origin: undefined, 'sec-fetch-site': undefined }],
  ['from two origins', { origin: 'http://localhost, https://evil.example', 'sec-fetch-site': undefined }],
  ['by a name that leads here by a trick', { host: 'evil.example', origin: 'http://evil.example' }],
  ['by such a name, behind a proxy that is none', { host: 'evil.example', 'x-forwarded-host': 'localhost' }],
  ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['as a form with files', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['as text', { 'content-type': 'text/plain' }],
  ['as text that calls itself JSON', { 'content-type': 'text/plain; application/json' }],
  ['as nothing in particular', { 'content-type': undefined, origin: 'https://evil.example' }],
];

describe('row 33: requests of other sites, with the cookie of an admin', () => {
  it('change nothing, however they are sent', async () => {
    const page = await ownPage();
    await server.config.set('victim', 'intact');
    const bypasses: string[] = [];
    for (const [how, forged] of FORGERIES) {
      for (const change of CHANGES) {
        const { status } = await send({ ...change, headers: { ...page, ...forged } });
        if (status !== 403) bypasses.push(`${change.method} ${change.path} ${how}: ${status}`);
      }
    }
    expect(bypasses).toEqual([]);
    expect([server.config.entry('victim'), server.config.head.revision]).toMatchObject([{ value: 'intact' }, 1]);
    expect(server.access.list.records).toMatchObject({
      keys: { length: 1 },
      users: { length: 1 },
      sessions: { length: 1 },
    });
    report({
      row: 33,
      scenario: 'cross-site requests with a session cookie',
      injected: `${FORGERIES.length * CHANGES.length} forged requests`,
      invariants: '403, nothing changed',
      figures: { bypasses: bypasses.length },
    });
  });

  it('are told from those of our own page, which all work', async () => {
    const page = await ownPage();
    await server.config.set('victim', 'intact');
    for (const change of CHANGES.filter(({ path }) => !/users\/alice|session/.test(path ?? ''))) {
      expect([change.path, (await send({ ...change, headers: page })).status < 300]).toEqual([change.path, true]);
      if (change.method === 'DELETE') await server.config.set('victim', 'intact');
    }
    expect((await send({ method: 'DELETE', path: '/api/v1/session', headers: page })).status).toBe(200);
  });

  it('read nothing by a name that leads here by a trick', async () => {
    const page = await ownPage();
    const read = async (host: string): Promise<number> => (await send({ headers: { ...page, host } })).status;
    expect([await read('evil.example'), await read(`127.0.0.1:${port}`)]).toEqual([403, 200]);
  });

  it('cannot sign anybody in as somebody else', async () => {
    await ownPage();
    const forgeries: Headers[] = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'content-type': 'text/plain' },
      { host: 'evil.example', origin: 'http://evil.example' },
    ];
    for (const headers of forgeries) expect(await signIn(headers)).toMatchObject({ status: 403, cookie: undefined });
  });

  it('are answered by the public address alone, where there is one', async () => {
    await server.close();
    await start({ hosts: { publicUrl: 'https://config.internal' } });
    const page = await ownPage();
    const put = async (host: string, origin: string): Promise<number> =>
      (await send({ ...CHANGES[0], headers: { ...page, host, origin } })).status;
    expect(await put('config.internal', 'https://config.internal')).toBe(200);
    expect(await put('config.internal', 'http://config.internal')).toBe(403);
    expect(await put('other.internal', 'https://other.internal')).toBe(403);
  });
});

/** An address that nobody else claimed. */
const spoofed = (n: number): Headers => ({ 'x-forwarded-for': `203.0.113.${n}`, forwarded: `for=203.0.113.${n}` });

describe('row 33: guessing', () => {
  const guess = async (n: number, headers: Headers = spoofed(n)): Promise<number> =>
    (await send({ headers: { 'x-api-key': `guess-${n}`, ...headers } })).status;

  it('keys is held back by the address that it comes from, whatever X-Forwarded-For says', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 100; n++) statuses.push(await guess(n));
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(80);
    report({
      row: 33,
      scenario: 'API keys guessed',
      injected: '100 guesses with a spoofed X-Forwarded-For each',
      invariants: '401, then 429',
      figures: { guessed: 20, held_back: 80 },
    });
  });

  it('keys does not shut out those whose keys nobody can guess', async () => {
    for (let n = 0; n < 30; n++) await guess(n);
    expect((await send({ headers: { 'x-api-key': ADMIN_KEY } })).status).toBe(200);
  });

  it('keys finds no key that an operator chose, once it is held back', async () => {
    await server.close();
    await database.run((db) => db.deleteFrom('api_key').execute());
    const row = { id: 'x', name: 'chosen', role: 'admin', created_at: new Date() } as const;
    await database.run((db) =>
      db
        .insertInto('api_key')
        .values({ ...row, hash: hashToken(CHOSEN_KEY) })
        .execute(),
    );
    server = await startAccessApp(database);
    port = Number(new URL(await server.app.listen({ host: '127.0.0.1', port: 0 })).port);
    const chosen = async (): Promise<Answer> => send({ headers: { 'x-api-key': CHOSEN_KEY } });
    expect((await chosen()).status).toBe(200);
    for (let n = 0; n < 20; n++) await guess(n);
    expect(await chosen()).toMatchObject({ status: 429, retryAfter: '5' });
    server.clock.advance(5_000);
    expect((await chosen()).status).toBe(200);
  });

  it('behind a trusted proxy counts for who is before it, whatever they claim to have come from', async () => {
    await server.close();
    await start({ trustProxy: ['127.0.0.1'] });
    const via = (claimed: string): Headers => ({ 'x-forwarded-for': `${claimed}, 198.51.100.7` });
    for (let n = 0; n < 20; n++) expect(await guess(n, via(`203.0.113.${n}`))).toBe(401);
    expect(await guess(20, via('203.0.113.99'))).toBe(429);
    expect(await guess(21, { 'x-forwarded-for': '198.51.100.8' })).toBe(401);
  });

  it('session cookies opens nothing', async () => {
    const page = await ownPage();
    for (const cookie of [
      '',
      '__Host-mutt_session=',
      `__Host-mutt_session=${'A'.repeat(43)}`,
      `mutt_session=${page['cookie']?.split('=')[1]}`,
    ]) {
      expect((await send({ headers: { ...page, cookie } })).status).toBe(401);
    }
  });

  it('a wrong API key is not saved by the right cookie', async () => {
    const page = await ownPage();
    expect((await send({ headers: { ...page, 'x-api-key': 'wrong' } })).status).toBe(401);
  });

  it('passwords is held back, whatever X-Forwarded-For says, and whoever it is tried for', async () => {
    await ownPage();
    for (let n = 0; n < 10; n++) expect((await signIn(spoofed(n), 'wrong')).status).toBe(401);
    expect(await signIn(spoofed(11))).toMatchObject({ status: 429, cookie: undefined });
    for (let n = 0; n < 19; n++) expect((await signIn(spoofed(n), 'wrong', `user${n}`)).status).toBe(401);
    expect((await signIn(spoofed(50), 'wrong', 'user50')).status).toBe(429);
  });
});

it('row 30: what is held open by a session can be closed at once when it is revoked', async () => {
  const page = await ownPage();
  const times: number[] = [];
  server.access.list.onRevoked(() => times.push(performance.now()));
  const { sessions } = (await server.call('GET', '/api/v1/sessions')).json<{ sessions: { id: string }[] }>();
  const before = performance.now();
  await server.call('DELETE', `/api/v1/sessions/${sessions[0]?.id}`);
  expect(times).toHaveLength(1);
  expect((times[0] ?? Infinity) - before).toBeLessThan(5_000);
  expect((await send({ headers: page })).status).toBe(401);
});

it('row 32: no key, password, token or cookie gets into logs or errors, right or wrong', async () => {
  await server.close();
  const log: string[] = [];
  await start({ log });
  const answers: string[] = [];
  const post = async (path: string, body: object, headers: Headers = { 'x-api-key': ADMIN_KEY }): Promise<string> => {
    const options = {
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers } as Record<string, string>,
      body: JSON.stringify(body),
    };
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, options);
    const text = await reply.text();
    if (!reply.ok) answers.push(text);
    return reply.headers.get('set-cookie') ?? text;
  };
  const token = await database.run((db) => newSignInToken(db, server.clock.now()));
  const secrets = { key: 'mutt_wrong-key-wrong-key', wrong: 'wrong-password-here', short: 'short-pass', old: PASSWORD };
  await post('users', { name: 'alice', role: 'viewer', password: secrets.short });
  await post('users', { name: 'alice', role: 'viewer', password: PASSWORD, again: PASSWORD });
  await post('users', { name: 'alice', role: 'viewer', password: PASSWORD });
  await post('session', { username: 'alice', password: secrets.wrong }, {});
  await post('session', { token, password: secrets.short }, {});
  await post('session', { token, password: PASSWORD, username: 'A b' }, {});
  await post('session', [secrets.wrong], {});
  const cookie = (await post('session', { username: 'alice', password: PASSWORD }, {})).split(';', 1)[0] ?? '';
  await post('keys', { name: 'x', role: 'viewer' }, { cookie });
  await post('keys', { name: 'x', role: 'viewer' }, { 'x-api-key': secrets.key });
  const made = JSON.parse(await post('keys', { name: 'x', role: 'viewer' })) as { key: string };
  const all = [
    ...Object.values(secrets),
    token,
    cookie.split('=')[1] ?? '?',
    made.key.slice(-43),
    ADMIN_KEY.slice(-43),
  ];
  expect(answers).toHaveLength(8);
  expect(log.length).toBeGreaterThanOrEqual(12);
  const hits = all.filter((secret) => [...log, ...answers].some((text) => text.includes(secret)));
  expect(hits).toEqual([]);
  report({
    row: 32,
    scenario: 'keys, passwords, tokens and cookies in logs and errors',
    injected: `${answers.length} refused requests, log level trace`,
    invariants: 'none is there',
    figures: { hits: hits.length },
  });
});
