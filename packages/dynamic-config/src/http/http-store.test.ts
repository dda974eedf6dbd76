import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError } from '../errors.ts';
import type { StoreEvent } from '../store.ts';
import { until } from '../testing/until.ts';
import { HttpStore } from './http-store.ts';

const HEAD = { epoch: 'e', revision: 1, hash: 'h' };
const COMMIT = { requestId: 'r', changedBy: 'me', reason: null, notify: true, ifRevision: null };

let server: Server;
let url: string;
let store: HttpStore;
/** The streams that clients have open, in the order in which they came. */
let streams: ServerResponse[];
/** False: requests other than for events are never answered. */
let isAnswering: boolean;
/** False: streams are never answered. */
let isStreaming: boolean;
let reply: (response: ServerResponse) => unknown;

beforeEach(async () => {
  streams = [];
  isAnswering = true;
  isStreaming = true;
  reply = (response) => response.end(JSON.stringify(HEAD));
  server = createServer((request, response) => {
    if (request.url === '/api/v1/events') {
      if (!isStreaming) return;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: connected\ndata: ${JSON.stringify(HEAD)}\n\n`);
      streams.push(response);
    } else if (isAnswering) void reply(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await store.close();
  server.closeAllConnections();
  server.close();
});

function watch(options: { timeoutMs?: number; silenceMs?: number } = {}): StoreEvent[] {
  const events: StoreEvent[] = [];
  store = HttpStore.open(url, options);
  store.watch((event) => events.push(event));
  return events;
}

const types = (events: readonly StoreEvent[]): string[] => events.map(({ type }) => type);

describe('HttpStore', () => {
  it('comes back when its stream ends', async () => {
    const events = watch();
    await until('connected', () => types(events).includes('connected'));
    streams[0]?.end();
    await until('connected again', () => types(events).filter((type) => type === 'connected').length === 2);
    expect(types(events)).toEqual(['connected', 'disconnected', 'connected']);
  });

  it('takes a stream that falls silent for dead, and opens another', async () => {
    const events = watch({ silenceMs: 100 });
    await until('a second stream', () => streams.length >= 2);
    expect(types(events).slice(0, 2)).toEqual(['connected', 'disconnected']);
  });

  it('keeps a stream on which there is any sign of life', async () => {
    const events = watch({ silenceMs: 500 });
    await until('connected', () => streams.length === 1);
    for (let n = 0; n < 8; n++) {
      streams[0]?.write(': heartbeat\n\n');
      await store.head();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(types(events)).toEqual(['connected']);
  });

  it('doubts its stream when a request is not answered in time', async () => {
    const events = watch({ timeoutMs: 100 });
    await until('connected', () => types(events).includes('connected'));
    isAnswering = false;
    await expect(store.head()).rejects.toThrow(StoreUnavailableError);
    await until('connected again', () => streams.length === 2);
    expect(types(events)[1]).toBe('disconnected');
  });

  it('keeps a stream that is newer than a request that was not answered in time', async () => {
    const events = watch({ timeoutMs: 300 });
    await until('connected', () => types(events).includes('connected'));
    isAnswering = false;
    const asked = [0, 100, 200].map(async (delayMs) => {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await store.head().catch(() => {});
    });
    await Promise.all(asked);
    await until('connected again', () => streams.length === 2);
    expect(types(events)).toEqual(['connected', 'disconnected', 'connected']);
  });

  it('gives up a stream that tells nothing from the beginning sooner than one that fell silent', async () => {
    isStreaming = false;
    const events = watch({ timeoutMs: 100, silenceMs: 60_000 });
    await until('it is given up', () => types(events).includes('disconnected'), 5_000);
    isStreaming = true;
    await until('connected', () => types(events).includes('connected'), 5_000);
  });

  it('comes back less and less often to a server that ends every stream at once', async () => {
    const events = watch();
    const ending = setInterval(() => streams.splice(0).forEach((stream) => stream.end()), 5);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    clearInterval(ending);
    expect(types(events).filter((type) => type === 'connected').length).toBeLessThanOrEqual(6);
  });

  it('waits for a large reply as long as there is more of it', async () => {
    watch({ timeoutMs: 300 });
    reply = async (response) => {
      const text = JSON.stringify({ ...HEAD, entries: {} });
      for (const letter of text) {
        response.write(letter);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      response.end();
    };
    expect((await store.load()).head).toEqual(HEAD);
  });

  it('does not take for stored what the server has kept though its store lost it', async () => {
    watch();
    const entry = { value: '1', revision: 1, changed_at: null, changed_by: null };
    reply = (response) => response.end(JSON.stringify({ ...HEAD, entries: { a: entry, b: entry }, lost: ['a'] }));
    expect([...(await store.load()).entries.keys()]).toEqual(['b']);
  });

  it('cannot tell whether a change was made that was not answered in time', async () => {
    watch({ timeoutMs: 100 });
    isAnswering = false;
    await expect(store.commit([{ key: 'a', value: '1', ifRevision: null }], COMMIT)).rejects.toThrow(
      OutcomeUnknownError,
    );
  });

  it('can tell that it was not, when nobody listens', async () => {
    watch();
    server.closeAllConnections();
    server.close();
    await expect(store.commit([{ key: 'a', value: '1', ifRevision: null }], COMMIT)).rejects.toThrow(
      StoreUnavailableError,
    );
  });
});
