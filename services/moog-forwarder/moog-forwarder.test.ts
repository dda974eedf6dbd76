import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { startChild } from '../../test/support/child.ts';
import type { Child } from '../../test/support/child.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import type { RedisServer } from '../../test/support/redis-server.ts';
import { fakeMoog } from '../fake-moog/fake-moog.ts';
import type { Mode } from '../fake-moog/mode.ts';
import { offer } from '../pipeline/offer.ts';
import { QUEUES } from '../pipeline/queues.ts';
import { connectRedis } from '../pipeline/redis.ts';
import type { Redis } from '../pipeline/redis.ts';
import { startService } from '../pipeline/run-service.ts';
import type { StartedService } from '../pipeline/run-service.ts';
import { moogForwarder } from './moog-forwarder.ts';

const logger = pino({ level: 'silent' });

let server: RedisServer;
let redis: Redis;
let moog: FastifyInstance;
let webhookUrl: string;
let services: StartedService[] = [];
let children: Child[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, 'test', logger);
});

afterAll(async () => {
  redis.destroy();
  await server.stop();
});

async function begin(): Promise<void> {
  await redis.flushDb();
  // Quick to fail, to try again, and to recover.
  await settings({
    moog_rate_limit: 10_000,
    moog_batch_size: 5,
    moog_timeout: '10s',
    moog_retry_base: '2ms',
    moog_retry_max: '20ms',
    moog_breaker_threshold: 3,
    moog_breaker_open: '100ms',
  });
  moog = fakeMoog();
  webhookUrl = `${await moog.listen({ port: 0, host: '127.0.0.1' })}/webhook`;
}

async function end(): Promise<void> {
  for (const child of children) await child.end('SIGKILL');
  await Promise.all(services.map((service) => service.stop()));
  await moog.close();
  [services, children] = [[], []];
}

async function settings(values: Readonly<Record<string, string | number>>): Promise<void> {
  for (const [key, value] of Object.entries(values)) await redis.set(`mutt:config:${key}`, String(value));
}

async function startForwarder(url = webhookUrl): Promise<StartedService> {
  const service = await startService(moogForwarder({ url }), { REDIS_URL: server.url, PORT: '0' }, logger);
  services.push(service);
  return service;
}

async function startProcess(): Promise<Child> {
  const child = await startChild(new URL('main.ts', import.meta.url), [], {
    REDIS_URL: server.url,
    MOOG_WEBHOOK_URL: webhookUrl,
    PORT: '0',
    LOG_LEVEL: 'silent',
  });
  children.push(child);
  return child;
}

function alert(id: string, message = 'link down'): string {
  const event = { id, timestamp: '2026-01-01T00:00:00Z', message, hostname: 'sw1', correlation_id: `c-${id}` };
  return JSON.stringify({
    id,
    rule: 'r',
    priority: 1,
    handling: 'page',
    team: 'noc',
    environment: 'prod',
    event: { ...event, source: 'http', received_at: event.timestamp },
  });
}

const numbered = (count: number, name = 'a'): string[] => Array.from({ length: count }, (_, n) => `${name}${n}`);
const offered = (...items: string[]) => offer(redis, QUEUES.alert, items, 1e6);
const mode = (payload: Mode) => moog.inject({ method: 'PUT', url: '/mode', payload });

async function stats(): Promise<{ received: number; unique: number; duplicates: number; requests: number }> {
  return (await moog.inject('/stats')).json();
}

/** Those whose name begins so, each as often as it came. */
async function received(name = ''): Promise<string[]> {
  const { ids, repeats } = (await moog.inject('/ids')).json<{ ids: string[]; repeats: Record<string, number> }>();
  const each = ids.flatMap((id) => Array.from({ length: repeats[id] ?? 1 }, () => id));
  return each.filter((id) => id.startsWith(name)).toSorted();
}

async function deadLetters(): Promise<{ item: string; reason: string }[]> {
  const items = await redis.lRange(QUEUES.moogDlq, 0, -1);
  return items.map((text) => JSON.parse(text) as { item: string; reason: string });
}

/** In the queue, or in somebody's hands: counted at once, since alerts go from one to the other. */
async function waiting(): Promise<number> {
  const script = `
    local sum = redis.call('LLEN', KEYS[1])
    for _, hands in ipairs(redis.call('KEYS', 'mutt:processing:*')) do sum = sum + redis.call('LLEN', hands) end
    return sum`;
  return Number(await redis.eval(script, { keys: [QUEUES.alert] }));
}

async function healthOf({ url }: StartedService): Promise<string> {
  return (await fetch(`${url}/healthz`)).text();
}

async function metric({ url }: StartedService, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

describe('whatever Moog does', () => {
  let forwarder: StartedService;

  beforeAll(async () => {
    await begin();
    await settings({ moog_max_attempts: 3 });
    forwarder = await startForwarder();
  });

  beforeEach(async () => {
    await redis.del(QUEUES.moogDlq);
    await settings({ moog_timeout: '10s' });
  });

  afterAll(end);

  it.each<Mode['mode']>(['failing', 'hanging', 'redirect', 'reset', 'busy'])(
    '%s: an outage puts nothing in the dead letters, and all arrives after it',
    async (how) => {
      const ids = numbered(3, `${how}-`);
      if (how === 'hanging') await settings({ moog_timeout: '100ms' });
      await mode({ mode: how });
      await offered(...ids.map((id) => alert(id)));
      await until('health tells', async () => (await healthOf(forwarder)).includes('left alone'));
      const { requests } = await stats();
      await until('single alerts are tried, in vain', async () => (await stats()).requests >= requests + 6);
      expect(await deadLetters()).toEqual([]);
      expect(await received(how)).toEqual([]);
      await mode({ mode: 'ok' });
      await until('all have arrived', async () => (await waiting()) === 0);
      expect(new Set(await received(how))).toEqual(new Set(ids));
      expect(await deadLetters()).toEqual([]);
      await until('health is well', async () => (await healthOf(forwarder)).includes('"ok"'));
    },
  );

  it('rubbish for an answer: what was taken has been taken, and is not sent again', async () => {
    const ids = numbered(12, 'rubbish-');
    await mode({ mode: 'rubbish' });
    await offered(...ids.map((id) => alert(id)));
    await until('all are settled', async () => (await waiting()) === 0);
    expect(await received('rubbish')).toEqual(ids.toSorted());
  });

  it('half of the requests fail: every alert arrives, or is a dead letter', async () => {
    await mode({ mode: 'failing', fail_rate: 0.5 });
    await offered(...numbered(30, 'half-').map((id) => alert(id)));
    await until('all are settled', async () => (await waiting()) === 0);
    expect(await received('half')).toHaveLength(30 - (await deadLetters()).length);
  });

  it('a refused alert costs only itself, and its dead letter says why', async () => {
    await mode({ mode: 'strict' });
    const bad = alert('strict-bad', 'this is unacceptable');
    await offered(alert('strict-0'), alert('strict-1'), bad, alert('strict-2'), 'rubbish', '{}');
    await until('all are settled', async () => (await waiting()) === 0);
    expect(await received('strict')).toEqual(['strict-0', 'strict-1', 'strict-2']);
    const reasons = Object.fromEntries((await deadLetters()).map(({ item, reason }) => [item, reason]));
    expect(reasons).toEqual({
      [bad]: 'HTTP 422: {"error":"Not an alert for Moog"}',
      rubbish: 'no JSON',
      '{}': expect.stringMatching(/^no alert/) as string,
    });
  });
});

describe('a forwarder', () => {
  beforeEach(begin);

  afterEach(end);

  it('an alert that Moog fails for is a dead letter in the end, and blocks no other', async () => {
    const picky = fastify();
    const taken: string[] = [];
    picky.post<{ Body: { alerts: { id: string }[] } }>('/', async ({ body: { alerts } }, reply) => {
      if (alerts.some(({ id }) => id === 'poison')) return reply.code(500).send('crash');
      taken.push(...alerts.map(({ id }) => id));
      return 'ok';
    });
    await settings({ moog_max_attempts: 3 });
    await startForwarder(await picky.listen({ port: 0, host: '127.0.0.1' }));
    await offered(alert('poison'), ...numbered(20).map((id) => alert(id)));
    await until('all others got through', () => taken.length === 20);
    // Whether it is to blame shows by others that get through.
    for (let n = 20; (await waiting()) > 0; n += 1) {
      await offered(alert(`a${n}`));
      await until('another one gets through', () => taken.includes(`a${n}`));
    }
    expect(await deadLetters()).toMatchObject([{ reason: 'failed 3 times, at last with: HTTP 500: crash' }]);
    expect(new Set(taken).size).toBe(taken.length);
    await picky.close();
  });

  it('forwarders share one rate, and a peer that changes it with SET and PUBLISH is heeded at once', async () => {
    await settings({ moog_rate_limit: 20, moog_batch_size: 20 });
    // As a peer leaves it that was cut off between INCR and EXPIRE.
    await server.cli('SET', 'mutt:moog:rate', '500');
    const both = [await startForwarder(), await startForwarder()];
    await offered(...numbered(600).map((id) => alert(id)));
    await until('some arrive', async () => (await stats()).received > 0);
    const began = performance.now();
    await until('the third second has begun', async () => (await stats()).received > 40);
    expect(performance.now() - began).toBeGreaterThan(1_500);
    await server.cli('SET', 'mutt:config:moog_rate_limit', '10000');
    await server.cli('PUBLISH', 'mutt:config:updates', 'moog_rate_limit');
    const raised = performance.now();
    await until('the rest arrives', async () => (await waiting()) === 0);
    // At the old rate: 28 s.
    expect(performance.now() - raised).toBeLessThan(15_000);
    expect(await stats()).toMatchObject({ received: 600, duplicates: 0 });
    const [one = 0, other = 0] = await Promise.all(both.map((it) => metric(it, 'mutt_moog_forwarded_total')));
    expect([one > 0, other > 0, one + other]).toEqual([true, true, 600]);
  });

  it('with the dead letters full no alert is taken, and health tells', async () => {
    await settings({ dlq_max_size: 1 });
    await redis.lPush(QUEUES.moogDlq, '{}');
    const forwarder = await startForwarder();
    await offered(alert('a0'));
    await until('health tells', async () => (await healthOf(forwarder)).includes('mutt:dlq:moog is full'));
    expect(await redis.lLen(QUEUES.alert)).toBe(1);
    await settings({ dlq_max_size: 2 });
    await until('it is taken', async () => (await received()).includes('a0'));
  });

  it('health tells that no alert can be sent, and why', async () => {
    await redis.rPush('mutt:moog:rate', 'a list');
    const forwarder = await startForwarder();
    await offered(alert('a0'));
    await until('health tells', async () => (await healthOf(forwarder)).includes('No alerts are sent: WRONGTYPE'));
    await redis.del('mutt:moog:rate');
    await until('it is sent', async () => (await received()).includes('a0'));
    expect(await healthOf(forwarder)).not.toContain('WRONGTYPE');
  });

  it('at SIGTERM, what is on its way arrives once, and the rest is back in the queue', async () => {
    await mode({ mode: 'slow', delay_ms: 300 });
    const child = await startProcess();
    await offered(...numbered(40).map((id) => alert(id)));
    await until('some are on their way', async () => (await stats()).received > 0);
    expect(await child.end('SIGTERM')).toBe(0);
    const { received: arrived, duplicates } = await stats();
    expect(duplicates).toBe(0);
    expect(await redis.lLen(QUEUES.alert)).toBe(40 - arrived);
    expect(await redis.keys('mutt:processing:*')).toEqual([]);
  });

  it('what a killed forwarder had sent and not settled is sent again, and nothing is lost', async () => {
    await settings({ moog_timeout: '60s', worker_timeout: '1s' });
    await mode({ mode: 'slow', delay_ms: 60_000 });
    const child = await startProcess();
    await offered(...numbered(12).map((id) => alert(id)));
    await until('two requests are with Moog', async () => (await stats()).requests === 2);
    await child.end('SIGKILL');
    const sent = (await stats()).received;
    await mode({ mode: 'ok' });
    await startForwarder();
    await until('all are settled', async () => (await waiting()) === 0);
    expect(new Set(await received())).toEqual(new Set(numbered(12)));
    expect(await stats()).toMatchObject({ unique: 12, duplicates: sent });
  });
});
