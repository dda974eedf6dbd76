import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { alertSchema } from '../pipeline/event.ts';
import type { Alert } from '../pipeline/event.ts';
import { Webhook } from './webhook.ts';

let server: Server | undefined;
let requests: IncomingMessage[] = [];

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  requests = [];
});

async function webhookTo(listener: RequestListener, timeoutMs = 20_000): Promise<Webhook> {
  const http = (server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  }));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/webhook`;
  return new Webhook({ url, apiKey: 'Bearer secret', timeoutMs: () => timeoutMs, now: Date.now });
}

function alert(id: string, correlation_id = `c-${id}`): Alert {
  const event = { id, timestamp: '2026-01-01T00:00:00Z', message: 'm', hostname: 'h', correlation_id };
  return alertSchema.parse({ id, rule: 'r', priority: 1, handling: 'page', team: 't', environment: 'dev', event });
}

const header = (n: number, name: string): unknown => requests[n]?.headers[name];

it('the same alerts have the same Idempotency-Key, one alert its own correlation id', async () => {
  const webhook = await webhookTo((_, response) => response.end());
  await webhook.post([alert('a')]);
  await webhook.post([alert('a')]);
  await webhook.post([alert('a'), alert('b')]);
  await webhook.post([alert('a', 'a\r\nX-Evil: 1')]);
  expect(header(0, 'authorization')).toBe('Bearer secret');
  expect(header(0, 'x-correlation-id')).toBe('c-a');
  expect(header(2, 'x-correlation-id')).toMatch(/^[\da-f-]{36}$/);
  expect(header(3, 'x-correlation-id')).toMatch(/^[\da-f-]{36}$/);
  expect(header(1, 'idempotency-key')).toBe(header(0, 'idempotency-key'));
  expect(header(2, 'idempotency-key')).not.toBe(header(0, 'idempotency-key'));
});

it('an answer without end is cut off, and counts by its status', async () => {
  let isCutOff = false;
  const webhook = await webhookTo((_, response) => {
    response.on('close', () => (isCutOff = true));
    const more = (): void => void (response.destroyed || response.write('x'.repeat(50_000), () => setImmediate(more)));
    more();
  });
  expect(await webhook.post([alert('a')])).toEqual({ outcome: 'delivered' });
  await until('the rest is not read', () => isCutOff);
});

it('an answer that does not come in time is a failure, also when only its head came', async () => {
  const silent = await webhookTo(() => {}, 100);
  expect(await silent.post([alert('a')])).toMatchObject({ outcome: 'failed', kind: 'timeout' });
  server?.close();
  const slow = await webhookTo((_, response) => response.writeHead(503).flushHeaders(), 100);
  expect(await slow.post([alert('a')])).toMatchObject({ outcome: 'failed', kind: 'status', reason: 'HTTP 503' });
});

it('a redirect is not followed', async () => {
  const webhook = await webhookTo((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
  expect(await webhook.post([alert('a')])).toMatchObject({ outcome: 'failed', kind: 'redirect' });
  expect(requests).toHaveLength(1);
});

it('nobody there is a failure that says why', async () => {
  const webhook = await webhookTo(() => {});
  await new Promise((resolve) => server?.close(resolve));
  expect(await webhook.post([alert('a')])).toMatchObject({
    kind: 'network',
    reason: expect.stringContaining('ECONNREFUSED') as string,
  });
});

it('what is cut off at a stop is no failure', async () => {
  const webhook = await webhookTo(() => {});
  const answer = webhook.post([alert('a')]);
  await until('the request is there', () => requests.length === 1);
  webhook.abandon();
  expect(await answer).toEqual({ outcome: 'abandoned' });
});

it.each(['', 'moog', 'ftp://moog/', 'http://user:pw@moog/'])('%j is no address of Moog', (url) => {
  expect(() => new Webhook({ url, timeoutMs: () => 1, now: Date.now })).toThrow('MOOG_WEBHOOK_URL');
});
