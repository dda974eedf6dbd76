import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryNamespace, MemoryStore } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { API_KEY, startApp } from '../test/start-app.ts';
import type { TestApp } from '../test/start-app.ts';
import { createLogger } from './logger.ts';

let server: TestApp;
afterEach(() => server.close());

async function start(...args: Parameters<typeof startApp>): Promise<void> {
  server = await startApp(...args);
}

function ask(call: InjectOptions): Promise<LightMyRequestResponse> {
  return server.app.inject({ ...call, headers: { 'x-api-key': API_KEY, ...call.headers } });
}

describe('the log', () => {
  const requests = (): object[] =>
    server.log.map((line) => JSON.parse(line) as { msg: string }).filter(({ msg }) => msg === 'request');

  it('has one line for each request: who, what, how it ended, and no value, key or credential', async () => {
    await start(new MemoryStore(), { logLevel: 'info' });
    await ask({
      method: 'PUT',
      url: '/api/v1/config/moog_token?',
      payload: { value: 'hunter2', reason: 'why\nnot' },
      headers: { 'x-correlation-id': 'trace-1', cookie: 'session=hunter2', authorization: 'Bearer hunter2' },
    });
    await ask({ url: '/api/v1/nope/hunter2' });
    await server.app.inject({ url: '/api/v1/config', headers: { 'x-api-key': 'hunter2' } });
    await until('all are logged', () => requests().length === 3);
    expect(requests()).toMatchObject([
      {
        correlation_id: 'trace-1',
        method: 'PUT',
        route: '/api/v1/config/:key',
        status: 200,
        ms: expect.any(Number) as number,
        principal: 'admin',
      },
      { method: 'GET', route: 'none', status: 404, principal: 'admin' },
      { method: 'GET', route: '/api/v1/config', status: 401, principal: null },
    ]);
    for (const secret of ['hunter2', API_KEY, 'moog_token']) expect(server.log.join()).not.toContain(secret);
  });

  it('says nothing of health checks, nor of requests where only warnings are wanted', async () => {
    await start(new MemoryStore(), { logLevel: 'info' });
    await ask({ url: '/healthz' });
    await ask({ url: '/api/v1/head' });
    await until('the other one is logged', () => requests().length > 0);
    expect(requests()).toMatchObject([{ route: '/api/v1/head' }]);
    await server.close();
    await start();
    await ask({ url: '/api/v1/head' });
    expect(server.log).toEqual([]);
  });

  it('keeps credentials out of whatever is logged, and line breaks within their line', async () => {
    await start();
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line: string) => void lines.push(line) });
    const headers = { 'x-api-key': 'hunter2', cookie: 'hunter2', 'set-cookie': ['hunter2'], authorization: 'hunter2' };
    logger.info({ headers, req: { headers }, res: { headers } }, 'a\n{"msg":"forged"}\r\u001b[2J');
    logger.error({ err: Object.assign(new Error('no'), { headers }) }, 'failed');
    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.map((line) => line.trimEnd().split(/[\r\n\u001b]/).length)).toEqual([1, 1]);
  });
});

describe('GET /metrics', () => {
  const metrics = async (headers = {}): Promise<string> => (await ask({ url: '/metrics', headers })).body;

  it('tells of changes, the store, streams and requests', async () => {
    const namespace = new MemoryNamespace({ now: () => Date.now() - 20, newEpoch: () => 'e' });
    await start(new MemoryStore(namespace));
    await ask({ method: 'PUT', url: '/api/v1/config/a', payload: { value: '1' } });
    await ask({ url: '/api/v1/config/no-such-key' });
    namespace.writeRaw('b', '1');
    await until('it is seen', () => server.config.get('b', null) === '1');
    const text = await metrics();
    for (const line of [
      'mutt_changes_total{source="commit"} 1',
      'mutt_changes_total{source="out-of-band"} 1',
      'mutt_propagation_seconds_count 1',
      'mutt_propagation_seconds_bucket{le="0.01"} 0',
      'mutt_store_state{state="live"} 1',
      'mutt_store_state{state="offline"} 0',
      'mutt_store_alarm 0',
      'mutt_revision 1',
      'mutt_entries 2',
      'mutt_sse_clients 0',
      'mutt_sse_cut 0',
      'mutt_http_request_duration_seconds_count{method="PUT",route="/api/v1/config/:key",status="200"} 1',
      'mutt_http_request_duration_seconds_count{method="GET",route="/api/v1/config/:key",status="404"} 1',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).not.toContain('no-such-key');
  });

  it('has as many series as there are routes, whatever is asked for', async () => {
    await start();
    await metrics();
    for (let n = 0; n < 30; n++) {
      await ask({ url: `/api/v1/config/key-${n}` });
      await ask({ url: `/nowhere/${n}` });
    }
    const series = (await metrics()).match(/^mutt_http_request_duration_seconds_count/gm);
    expect(series).toHaveLength(3);
  });

  it('needs an API key, unless it is made public', async () => {
    await start();
    expect((await server.app.inject('/metrics')).statusCode).toBe(401);
    await server.close();
    await start(new MemoryStore(), { metricsPublic: true });
    expect((await server.app.inject('/metrics')).statusCode).toBe(200);
  });
});

describe('every reply', () => {
  it.each(['/healthz', '/api/v1/config', '/api/v1/nope', '/api/v1/config/%ff'])(
    'of %s tells browsers to make nothing of it that it is not',
    async (url) => {
      await start();
      expect((await ask({ url })).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cache-control': 'no-cache',
      });
    },
  );

  it('holds browsers to https where that is how people reach it', async () => {
    await start(new MemoryStore(), { hosts: { publicUrl: 'https://config.internal' } });
    expect((await ask({ url: '/healthz' })).headers).toHaveProperty('strict-transport-security');
    await server.close();
    await start(new MemoryStore(), { hosts: { publicUrl: 'http://config.internal' } });
    expect((await ask({ url: '/healthz' })).headers).not.toHaveProperty('strict-transport-security');
  });
});

describe('limits', () => {
  it('hold back who asks too often, and nobody who asks for health', async () => {
    await start(new MemoryStore(), { rateLimit: 1 });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await ask({ url: '/api/v1/head' })).statusCode);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await ask({ url: '/api/v1/head' });
    expect([refused.headers['retry-after'], refused.json()]).toMatchObject([
      '1',
      { code: 'too_many_requests', error: expect.stringContaining('more than 1 requests a second') as string },
    ]);
    expect((await ask({ url: '/healthz' })).statusCode).toBe(200);
  });

  it('close connections that are one too many', async () => {
    await start();
    server.app.server.maxConnections = 1;
    const port = Number(new URL(await server.listen()).port);
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    const second = connect(port, '127.0.0.1');
    await once(second, 'close');
    expect(first.destroyed).toBe(false);
    first.destroy();
  });
});
