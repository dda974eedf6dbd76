import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { startServer } from '../../packages/server/src/compose.ts';
import type { RunningServer } from '../../packages/server/src/compose.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { quantile, report, rounded } from '../support/report.ts';

const CLIENTS = 1_000;
const CONNECT_AT_ONCE = 50;
/** Two commits of this size are more than may wait for a client that does not read, and more than a socket holds. */
const LARGE = 'x'.repeat(1024 * 1024);

let dataDir: string;
let server: RunningServer;

beforeAll(async () => {
  dataDir = await makeDataDir('mutt-streams-');
  server = await startServer({ host: '127.0.0.1', port: 0, dataDir, entries: { store: 'embedded' } });
});
afterAll(async () => {
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

interface Stream {
  readonly socket: Socket;
  text: string;
  closedAtMs: number | null;
}

/** As bytes, so that a thousand clients fit beside the server. */
async function open({ key = server.apiKey ?? '', id = '', reads = true } = {}): Promise<Stream> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const stream: Stream = { socket, text: '', closedAtMs: null };
  socket.on('error', () => {});
  socket.once('close', () => (stream.closedAtMs = performance.now()));
  await once(socket, 'connect');
  const resume = id === '' ? '' : `Last-Event-ID: ${id}\r\n`;
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: ${hostname}\r\nX-API-Key: ${key}\r\n${resume}\r\n`);
  socket.on('data', (bytes) => (stream.text += bytes.toString()));
  await until('connected', () => stream.text.includes('event: connected'));
  if (!reads) socket.pause();
  return stream;
}

async function call(method: string, path: string, json?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'x-api-key': server.apiKey ?? '', ...(json !== undefined && { 'content-type': 'application/json' }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as Record<string, unknown>;
}

const put = (key: string, value: string): Promise<unknown> => call('PUT', `/api/v1/config/${key}`, { value });

async function position(): Promise<string> {
  const { epoch, revision } = await call('GET', '/api/v1/head');
  return `${String(epoch)}:${String(revision)}`;
}

describe('row 30: event streams', () => {
  it('a thousand clients are told of every change, one that does not read is cut, and takes up again', async () => {
    await put('first', '1');
    const before = process.memoryUsage().rss;
    const streams: Stream[] = [];
    while (streams.length < CLIENTS) {
      streams.push(...(await Promise.all(Array.from({ length: CONNECT_AT_ONCE }, () => open()))));
    }
    const perClientKiB = (process.memoryUsage().rss - before) / CLIENTS / 1_024;
    const toldMs: number[] = [];
    for (const value of ['one', 'two', 'three', 'four', 'five']) {
      const startedAtMs = performance.now();
      await put('told', value);
      await until('all are told', () => streams.every(({ text }) => text.includes(`"value":"${value}"`)));
      toldMs.push(performance.now() - startedAtMs);
    }
    for (const { socket } of streams.splice(10)) socket.destroy();

    const slow = await open({ reads: false });
    const id = await position();
    for (let n = 0; n < 12 && slow.closedAtMs === null; n++) await put('large', `${n}${LARGE.slice(2)}`);
    // A paused socket notices nothing: what it had is read to the end.
    slow.socket.resume();
    await until('it was cut', () => slow.closedAtMs !== null);
    expect(streams.every(({ closedAtMs }) => closedAtMs === null)).toBe(true);
    for (const { socket } of streams) socket.destroy();

    const current = await position();
    await put('after', '1');
    const [resumed, beyond, other] = [await open({ id: current }), await open({ id }), await open({ id: 'other:1' })];
    await until('what was missed', () => resumed.text.includes('"key":"after"'));
    expect(resumed.text).not.toContain('event: reset');
    // Twelve MiB went by: more than is kept.
    for (const stream of [beyond, other]) await until('told to load anew', () => stream.text.includes('event: reset'));
    for (const { socket } of [resumed, beyond, other]) socket.destroy();
    report({
      row: 30,
      scenario: `${CLIENTS} streams, a slow one, Last-Event-ID within and beyond the window`,
      injected: 'one client reads nothing',
      invariants: 'N C',
      figures: { toldAllMaxMs: quantile(toldMs, 1), bothSidesKiBPerClient: rounded(perClientKiB) },
    });
  }, 180_000);

  it('the stream of a key that is revoked ends at once, and no other one', async () => {
    const payload = { name: 'forwarder', role: 'viewer' };
    const { id, key } = (await call('POST', '/api/v1/keys', payload)) as { id: string; key: string };
    const [theirs, ours] = [await open({ key }), await open()];
    const startedAtMs = performance.now();
    await call('DELETE', `/api/v1/keys/${id}`);
    await until('the stream ended', () => theirs.closedAtMs !== null, 5_000);
    const revokedMs = (theirs.closedAtMs ?? NaN) - startedAtMs;
    await put('later', '1');
    await until('the other one goes on', () => ours.text.includes('"key":"later"'));
    expect(theirs.text).not.toContain('later');
    ours.socket.destroy();
    report({
      row: 30,
      scenario: 'the key of an open stream is revoked',
      injected: 'DELETE /api/v1/keys/{id}',
      invariants: 'N',
      figures: { revokedMs: rounded(revokedMs) },
    });
  });
});
