import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeSetting, MemoryNamespace, MemoryStore, secret } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { API_KEY, startApp, testKey } from '../../test/start-app.ts';
import type { TestApp } from '../../test/start-app.ts';
import { AccessList } from '../auth/access-list.ts';
import { hashToken, newSecretToken } from '../auth/secret-token.ts';
import { sessionCookie } from '../auth/session-cookie.ts';
import { wallClock } from '../wall-clock.ts';

let namespace: MemoryNamespace;
let server: TestApp;
let url: string;

beforeEach(async () => {
  namespace = new MemoryNamespace();
  server = await startApp(new MemoryStore(namespace), { mostStreams: 2 });
  url = await server.listen();
});
afterEach(() => server.close());

interface OpenStream {
  readonly text: () => string;
  readonly ended: Promise<void>;
  close(): void;
}

async function open(
  query = '',
  headers: Record<string, string> = {},
  apiKey: string | null = API_KEY,
): Promise<OpenStream> {
  const abort = new AbortController();
  const response = await fetch(`${url}/api/v1/events${query}`, {
    headers: { ...(apiKey !== null && { 'x-api-key': apiKey }), ...headers },
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  let text = '';
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  })().catch(() => {});
  await until('connected', () => text.includes('event: connected'));
  return { text: () => text, ended, close: () => abort.abort() };
}

const lastId = (text: string): string => [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '';

describe('GET /api/v1/events', () => {
  it.each(['header', 'query'])('goes on after the id in the %s', async (where) => {
    const first = await open();
    await server.config.set('a', '1');
    await until('the commit', () => first.text().includes('event: commit'));
    first.close();
    await server.config.set('a', '2');
    const id = lastId(first.text());
    const again = await (where === 'header'
      ? open('?last_event_id=older', { 'last-event-id': id })
      : open(`?last_event_id=${encodeURIComponent(id)}`));
    await until('what was missed', () => again.text().includes('"value":"2"'));
    expect(again.text()).not.toContain('"value":"1"');
    expect(again.text()).not.toContain('reset');
    again.close();
  });

  it('tells of the keys that match', async () => {
    const stream = await open('?keys=moog_*,batch');
    await server.config.set('alerter_mode', 'dlq');
    await server.config.set('batch', '1');
    await until('the commit', () => stream.text().includes('batch'));
    expect(stream.text()).not.toContain('alerter_mode');
    stream.close();
  });

  it('tells a page that a secret changed, and a program what it is now, though one user is signed in with both', async () => {
    const token = newSecretToken();
    const user = { id: 'u', name: 'alice', role: 'admin', keyPatterns: null, readsSecrets: true } as const;
    const session = { id: 's', hash: hashToken(token), userId: 'u', address: '127.0.0.1', userAgent: null };
    const nowMs = Date.now();
    const records = {
      keys: [testKey(API_KEY)],
      users: [{ ...user, isDisabled: false, createdAtMs: nowMs, createdBy: 'admin' }],
      sessions: [{ ...session, createdAtMs: nowMs, lastSeenAtMs: nowMs, expiresAtMs: nowMs + 60_000 }],
    };
    await server.close();
    const store = new MemoryStore(namespace);
    await store.register({ service: 's', version: '1', settings: { moog_token: describeSetting(secret()) } });
    server = await startApp(store, { access: { list: new AccessList(records, wallClock) } });
    url = await server.listen();
    const asSession = await open('', { cookie: sessionCookie(token) }, null);
    const asKey = await open('', {}, token);
    await server.config.set('moog_token', 'hunter2');
    await until('both are told', () => [asSession, asKey].every((one) => one.text().includes('event: commit')));
    expect(asKey.text()).toContain('hunter2');
    expect(asSession.text()).toContain('{"key":"moog_token","masked":true}');
    expect(asSession.text()).not.toContain('hunter2');
    asSession.close();
    asKey.close();
  });

  it.each(['keys=', 'keys=a%20b', `keys=${'a,'.repeat(20)}a`, 'key=a', 'last_event_id=a&last_event_id=b'])(
    'refuses %s',
    async (query) => {
      const response = await server.app.inject({
        url: `/api/v1/events?${query}`,
        headers: { 'x-api-key': API_KEY },
      });
      expect([response.statusCode, response.json()]).toMatchObject([400, { code: 'request_invalid' }]);
    },
  );

  it('is refused when too many are open, with a hint when to try again', async () => {
    const streams = [await open(), await open()];
    const refused = await fetch(`${url}/api/v1/events`, { headers: { 'x-api-key': API_KEY } });
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
      503,
      '1',
      { code: 'too_many_streams' },
    ]);
    for (const stream of streams) stream.close();
    await until('there is room', async () => {
      const abort = new AbortController();
      const { ok } = await fetch(`${url}/api/v1/events`, { headers: { 'x-api-key': API_KEY }, signal: abort.signal });
      abort.abort();
      return ok;
    });
  });

  it('ends with a hint when to come back, when the server does', async () => {
    const stream = await open();
    await server.app.close();
    await stream.ended;
    expect(stream.text()).toMatch(/retry: \d{4}\n\n$/);
  });
});
