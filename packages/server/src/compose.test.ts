import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDir } from '../../../test/support/data-dir.ts';
import { startServer } from './compose.ts';
import type { RunningServer } from './compose.ts';
import type { ServerOptions } from './options.ts';

let dataDir: string;
let running: RunningServer[];

beforeEach(async () => {
  dataDir = await makeDataDir('mutt-compose-');
  running = [];
});
afterEach(async () => {
  for (const server of running) await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ host: '127.0.0.1', port: 0, dataDir, entries: { store: 'embedded' }, ...options });
  running.push(server);
  return server;
}

/** A port that is taken, for as long as the function runs. */
async function withTakenPort<T>(use: (port: number) => Promise<T>): Promise<T> {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  try {
    return await use((taken.address() as AddressInfo).port);
  } finally {
    taken.close();
  }
}

const status = async ({ url }: RunningServer, apiKey: string): Promise<number> =>
  (await fetch(`${url}/api/v1/config`, { headers: { 'x-api-key': apiKey } })).status;

describe('the admin key', () => {
  it('is not lost with a first start that fails', async () => {
    const fresh = { dataDir: join(dataDir, 'fresh') };
    const unreachable = { store: 'redis', url: 'redis://127.0.0.1:1' } as const;
    await withTakenPort((port) => expect(start({ ...fresh, port })).rejects.toThrow('is in use'));
    await expect(start({ ...fresh, entries: unreachable })).rejects.toThrow('127.0.0.1:1');
    const server = await start(fresh);
    expect(server.adminKey.origin).toBe('generated');
    expect(await status(server, server.apiKey ?? '')).toBe(200);
  });

  it('is replaced by --new-api-key only when the server starts', async () => {
    const first = await start();
    const old = first.apiKey ?? '';
    await first.close();
    await withTakenPort((port) => expect(start({ port, newApiKey: true })).rejects.toThrow('is in use'));
    const second = await start();
    expect([second.adminKey.origin, await status(second, old)]).toEqual(['kept', 200]);
    await second.close();
    const third = await start({ newApiKey: true });
    expect([await status(third, old), await status(third, third.apiKey ?? '')]).toEqual([401, 200]);
  });
});

describe('an admin key that was revoked', () => {
  it('does not come back with the next start, while there are other admins', async () => {
    const first = await start();
    const headers = { 'x-api-key': first.apiKey ?? '', 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'second', role: 'admin' });
    const made = await fetch(`${first.url}/api/v1/keys`, { method: 'POST', headers, body });
    const { key } = (await made.json()) as { key: string };
    const gone = await fetch(`${first.url}/api/v1/keys/${first.adminKey.id}`, {
      method: 'DELETE',
      headers: { 'x-api-key': key },
    });
    expect([gone.status, await status(first, first.apiKey ?? '')]).toEqual([200, 401]);
    await first.close();
    const second = await start();
    expect([second.adminKey.origin, second.signInLink, await status(second, key)]).toEqual(['none', null, 200]);
  });
});

describe('the link to sign in with', () => {
  const tokenOf = (link: string | null): string => new URL(link ?? '').hash.replace('#token=', '');
  const signIn = async ({ url }: RunningServer, body: object): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body: JSON.stringify(body) });
    return reply.status;
  };

  it('is made by the first start, and by others only when asked for', async () => {
    const first = await start({ publicUrl: 'https://config.internal' });
    expect(first.signInLink).toMatch(/^https:\/\/config\.internal\/sign-in#token=[\w-]{43}$/);
    const password = 'correct horse battery staple';
    expect(await signIn(first, { token: tokenOf(first.signInLink), password })).toBe(200);
    await first.close();
    const second = await start();
    expect([second.signInLink, await signIn(second, { username: 'admin', password })]).toEqual([null, 200]);
    await second.close();
    const third = await start({ signInLink: true });
    expect(third.signInLink).toBe(`${third.url}/sign-in#token=${tokenOf(third.signInLink)}`);
    const again = { token: tokenOf(third.signInLink), password: 'another password' };
    expect([await signIn(third, again), await signIn(third, again)]).toEqual([200, 401]);
  });
});

describe('a start is refused with a sentence when', () => {
  it.each([
    ['the URL of the Redis cannot be used', { url: 'redis://host:6379/x' }, 'REDIS_URL cannot be used'],
    ['its password is not encoded', { url: 'redis://:%zz@host' }, 'percent-encoded'],
    ['the prefix cannot be used', { url: 'redis://127.0.0.1:1', prefix: 'a b' }, 'MUTT_CONFIG_PREFIX'],
  ])('%s', async (_, entries, message) => {
    const error: unknown = await start({ entries: { store: 'redis', ...entries } }).catch((why: unknown) => why);
    expect(error).toMatchObject({ name: 'StartupError', message: expect.stringContaining(message) as string });
  });
});

describe('a server that is closed', () => {
  it('does not wait for a connection on which nothing was ever asked', async () => {
    const server = await start();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const ended = once(socket, 'close');
    await once(socket, 'connect');
    await fetch(`${server.url}/healthz`);
    const before = performance.now();
    await server.close();
    await ended;
    // Far from the 5 s that a request under way is given.
    expect(performance.now() - before).toBeLessThan(4_000);
  });
});
