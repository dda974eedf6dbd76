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

beforeEach(async () => {
  streams = [];
  isAnswering = true;
  server = createServer((request, response) => {
    if (request.url === '/api/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: connected\ndata: ${JSON.stringify(HEAD)}\n\n`);
      streams.push(response);
    } else if (isAnswering) response.end(JSON.stringify(HEAD));
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
