import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '@mutt/dynamic-config';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { answering, startReceiver } from '../../test/receiver.ts';
import type { Receiver } from '../../test/receiver.ts';
import { API_KEY, startApp, testKey } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';

let test: TestDatabase;
let receiver: Receiver;
let server: TestApp;

beforeAll(async () => {
  test = await (DATABASES[0] as (typeof DATABASES)[number]).start();
});
afterAll(() => test.stop());
beforeEach(async () => {
  await test.reset();
  receiver = await startReceiver();
  server = await startApp(new MemoryStore(), { database: test.database, allowPrivateWebhooks: true });
});
afterEach(async () => {
  await server.close();
  await receiver.close();
});

type Body = Record<string, unknown>;

async function call(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT',
  path: string,
  body?: object,
): Promise<{ status: number; body: Body }> {
  const reply = await server.app.inject({
    method,
    url: `/api/v1/${path}`,
    headers: { 'x-api-key': API_KEY },
    ...(body !== undefined && { body }),
  });
  return { status: reply.statusCode, body: reply.json() };
}

const create = async (more: object = {}): Promise<Body> =>
  (await call('POST', 'webhooks', { url: receiver.url, ...more })).body;

describe('/api/v1/webhooks', () => {
  it('makes a webhook, shows its secret once, and delivers what changes', async () => {
    const { status, body } = await call('POST', 'webhooks', {
      url: receiver.url,
      keys: ['moog_*'],
      description: 'chat',
    });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({
        url: receiver.url,
        keys: ['moog_*'],
        description: 'chat',
        state: 'enabled',
        created_by: 'admin',
        backlog: 0,
        waiting: null,
        secret: expect.stringMatching(/^mutt_webhook_[\w-]{43}$/) as string,
      }),
    ]);
    const secret = String(body['secret']);
    const list = (await call('GET', 'webhooks')).body;
    expect(list).toMatchObject({ count: 1, webhooks: [{ id: body['id'] }] });
    expect(JSON.stringify(list)).not.toContain(secret);
    await call('PUT', 'config/moog_rate_limit', { value: '200', reason: 'incident 4711' });
    await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(1);
    const [{ headers, body: sent } = { headers: {} as Record<string, string>, body: '' }] = receiver.received;
    const signed = createHmac('sha256', secret).update(`${String(headers['x-mutt-timestamp'])}.${sent}`);
    expect(headers['x-mutt-signature']).toBe(`v1=${signed.digest('hex')}`);
    expect(JSON.parse(sent)).toMatchObject({ reason: 'incident 4711', changes: [{ key: 'moog_rate_limit' }] });
    const path = `webhooks/${String(body['id'])}/deliveries`;
    await expect
      .poll(async () => (await call('GET', path)).body)
      .toMatchObject({
        deliveries: [{ type: 'config.changed', status: 'delivered', revision: 1, response_status: 200, error: null }],
      });
  });

  it('sends a ping when asked, and says what came of it', async () => {
    const { id, secret } = await create({ secret: 'sixteen-letters!' });
    expect(secret).toBe('sixteen-letters!');
    expect((await call('POST', `webhooks/${String(id)}/test`)).body).toMatchObject({
      type: 'ping',
      status: 'delivered',
    });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ type: 'ping' });
    receiver.answer = answering(401);
    const { status, body } = await call('POST', `webhooks/${String(id)}/test`);
    expect([status, body]).toEqual([200, expect.objectContaining({ status: 'failed', response_status: 401 })]);
    const { deliveries } = (await call('GET', `webhooks/${String(id)}/deliveries`)).body;
    expect(deliveries).toMatchObject([{ status: 'failed' }, { status: 'delivered' }]);
  });

  it('is changed and deleted', async () => {
    const { id } = await create();
    const path = `webhooks/${String(id)}`;
    const { body } = await call('PATCH', path, { enabled: false, description: null, url: `${receiver.url}/2` });
    expect(body).toMatchObject({ state: 'disabled', url: `${receiver.url}/2` });
    expect((await call('PATCH', path, { enabled: true, skip_backlog: true })).body).toMatchObject({ state: 'enabled' });
    expect((await call('GET', path)).body).not.toHaveProperty('secret');
    expect(await call('DELETE', path)).toMatchObject({
      status: 200,
      body: { message: `Webhook deleted: ${String(id)}` },
    });
    expect((await call('GET', 'webhooks')).body).toEqual({ webhooks: [], count: 0 });
  });

  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['GET', '/deliveries'],
    ['POST', '/test'],
  ] as const)('answers %s of a webhook that is none%s with 404', async (method, path) => {
    const { status, body } = await call(method, `webhooks/nope${path}`, method === 'PATCH' ? {} : undefined);
    expect([status, body]).toEqual([
      404,
      expect.objectContaining({ code: 'not_found', error: 'There is no webhook nope.' }),
    ]);
  });

  it.each([
    ['no url', {}],
    ['a url that is none', { url: 'example.com' }],
    ['another scheme', { url: 'file:///etc/passwd' }],
    ['a password in the url', { url: 'https://a:b@example.com/' }],
    ['a key pattern that is none', { url: 'https://example.com/', keys: ['a b'] }],
    ['no keys', { url: 'https://example.com/', keys: [] }],
    ['a short secret', { url: 'https://example.com/', secret: 'short' }],
    ['a description with NUL', { url: 'https://example.com/', description: '\0' }],
    ['an unknown field', { url: 'https://example.com/', more: 1 }],
  ])('refuses %s', async (_, body) => {
    expect(await call('POST', 'webhooks', body)).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
  });

  it('survives characters that no database takes', async () => {
    const odd = await create({ url: `${receiver.url}/\0\ud800` });
    expect(odd).toMatchObject({ url: `${receiver.url}/%00%EF%BF%BD` });
    for (const id of ['%00', '%ff', 'a%20b', '__proto__']) {
      expect((await call('GET', `webhooks/${id}`)).status).toBeOneOf([400, 404]);
    }
  });

  it('has room for fifty', async () => {
    for (let n = 0; n < 50; n += 1) await create();
    expect(await call('POST', 'webhooks', { url: receiver.url })).toMatchObject({
      status: 400,
      body: { error: 'There are 50 webhooks already: delete one first.' },
    });
  });
});

describe('without MUTT_WEBHOOK_ALLOW_PRIVATE', () => {
  it.each(['http://example.com/', 'https://127.0.0.1/', 'https://[::ffff:10.0.0.1]/', 'https://169.254.169.254/'])(
    '%s is refused',
    async (url) => {
      const strict = await startApp(new MemoryStore(), { database: test.database });
      const headers = { 'x-api-key': API_KEY };
      const reply = await strict.app.inject({ method: 'POST', url: '/api/v1/webhooks', headers, body: { url } });
      await strict.close();
      expect([reply.statusCode, reply.json()]).toEqual([
        400,
        expect.objectContaining({ error: expect.stringContaining('MUTT_WEBHOOK_ALLOW_PRIVATE') as string }),
      ]);
    },
  );
});

it.each([
  ['a viewer', { role: 'viewer' }],
  ['an editor', { role: 'editor' }],
  ['an admin of some keys', { keyPatterns: ['moog_*'] }],
] as const)('is not for %s', async (_, about) => {
  const keys = [testKey('another-key-that-nobody-guesses', { id: '2', name: 'other', ...about })];
  const other = await startApp(new MemoryStore(), { database: test.database, keys });
  const headers = { 'x-api-key': 'another-key-that-nobody-guesses' };
  const reply = await other.app.inject({ url: '/api/v1/webhooks', headers });
  await other.close();
  expect([reply.statusCode, reply.json()]).toEqual([403, expect.objectContaining({ code: 'forbidden' })]);
});
