import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '@mutt/dynamic-config/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { startChild } from '../../test/support/child.ts';
import { freePort } from '../../test/support/free-port.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import type { RedisServer } from '../../test/support/redis-server.ts';
import type { Event } from '../pipeline/event.ts';
import { connectRedis } from '../pipeline/redis.ts';
import type { Redis } from '../pipeline/redis.ts';
import { startService } from '../pipeline/run-service.ts';
import type { StartedService } from '../pipeline/run-service.ts';
import { ingestor } from './ingestor.ts';

const KEY = 'correct horse';
const event = { timestamp: '2026-01-02T03:04:05Z', message: 'link down', hostname: 'sw-1' };
const logger = pino({ level: 'silent' });

let redis: RedisServer;
let client: Redis;
let service: StartedService;
let env: Record<string, string>;

beforeAll(async () => {
  redis = await startRedis();
  client = await connectRedis(redis.url, 'test', logger);
  const [udp, tcp] = [await freePort(), await freePort()];
  env = {
    REDIS_URL: redis.url,
    PORT: '0',
    INGEST_API_KEY: `other, ${KEY}`,
    SYSLOG_UDP_PORT: String(udp),
    SYSLOG_TCP_PORT: String(tcp),
  };
  service = await startService(ingestor(env), env, logger);
});

afterAll(async () => {
  await service.stop();
  client.destroy();
  await redis.stop();
});

beforeEach(async () => {
  await client.mSet({ 'mutt:config:max_ingest_queue_size': '1000', 'mutt:config:ingest_max_rate': '0' });
  // More than any test's limits let through.
  await until('it knows these limits', async () => (await send(events(10))).status === 202);
  await client.del(['mutt:ingest_queue', 'mutt:ingest:rate']);
});

/** As operators and services of before do it. When the ingestor has it, its answers show it. */
async function setTo(key: string, value: string): Promise<void> {
  await redis.cli('SET', `mutt:config:${key}`, value);
  await redis.cli('PUBLISH', 'mutt:config:updates', key);
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly accepted?: number;
    readonly ids?: string[];
    readonly code?: string;
    readonly error?: string;
    readonly correlation_id: string;
    readonly details?: { readonly ids?: string[]; readonly events?: { index: number; problems: string[] }[] };
  };
}

async function send(body: unknown, headers: Record<string, string> = {}, url = service.url): Promise<Answer> {
  const response = await fetch(`${url}/api/v2/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': KEY, ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

/** What it answers as soon as it answers so. */
function refusal(status: number, body: unknown, code?: string): Promise<Answer> {
  return until<Answer | null>(`it answers ${status}`, async () => {
    const answer = await send(body);
    return answer.status === status && (code === undefined || answer.body.code === code) ? answer : null;
  });
}

function events(count: number): (typeof event)[] {
  return Array.from({ length: count }, () => event);
}

/** The first to be taken first. */
async function queued(atLeast = 0): Promise<Event[]> {
  const items = await until<string[] | null>(`${atLeast} events are queued`, async () => {
    const all = await client.lRange('mutt:ingest_queue', 0, -1);
    return all.length >= atLeast ? all : null;
  });
  return items.map((item) => JSON.parse(item) as Event).toReversed();
}

describe('what it answers 202', () => {
  it('is in the queue, in its order, with what the ingestor adds', async () => {
    const given = { ...event, id: 'trap:1', severity: 3, oid: '1.3.6.1', correlation_id: 'theirs' };
    const { status, headers, body } = await send([given, event], { 'x-correlation-id': 'req-7' });
    expect({ status, body }).toEqual({
      status: 202,
      body: { accepted: 2, ids: ['trap:1', expect.stringMatching(/^[\da-f-]{36}$/)], correlation_id: 'req-7' },
    });
    expect(headers.get('x-correlation-id')).toBe('req-7');
    const received_at = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    expect(await queued()).toEqual([
      { ...given, source: 'http', received_at },
      { ...event, id: body.ids?.[1], source: 'http', correlation_id: 'req-7', received_at },
    ]);
  });

  it.each([
    ['one event', event, 1],
    ['an array', [event, event], 2],
    ['an object with events', { events: [event, event, event] }, 3],
  ])('may be %s', async (_, body, count) => {
    expect(await send(body)).toMatchObject({ status: 202, body: { accepted: count } });
    expect(await queued()).toHaveLength(count);
  });

  it('has a correlation id of its own where the one given is none', async () => {
    const { body } = await send(event, { 'x-correlation-id': 'two words' });
    expect(body.correlation_id).toMatch(/^[\da-f-]{36}$/);
    expect(await queued()).toMatchObject([{ correlation_id: body.correlation_id }]);
  });
});

describe('bad input', () => {
  const json = JSON.stringify(event);
  const bytes = Buffer.from(json);
  bytes[json.indexOf('link')] = 0xff;
  const long = { ...event, message: 'é'.repeat(16_385) };
  it.each<[what: string, body: unknown, headers: Record<string, string>, status: number, code: string, error: RegExp]>([
    ['no key', event, { 'x-api-key': '' }, 401, 'unauthorized', /X-API-Key/],
    ['a wrong key, before all else', 'x', { 'x-api-key': `${KEY}r` }, 401, 'unauthorized', /X-API-Key/],
    ['no JSON', '{"timestamp":', {}, 400, 'request_invalid', /cannot be read/],
    ['no body', '', {}, 400, 'request_invalid', /cannot be read/],
    ['bytes that are no UTF-8', bytes, {}, 400, 'request_invalid', /UTF-8/],
    ['a prototype', `{"__proto__":{},${json.slice(1)}`, {}, 400, 'request_invalid', /cannot be read/],
    ['a number', '42', {}, 400, 'request_invalid', /JSON object/],
    ['null', 'null', {}, 400, 'request_invalid', /JSON object/],
    ['no events', '[]', {}, 400, 'request_invalid', /1 to 1000/],
    ['brackets without end', '['.repeat(500_000), {}, 400, 'request_invalid', /cannot be read/],
    ['nothing that is required', {}, {}, 400, 'events_invalid', /timestamp is required; message is required; hostname/],
    [
      'one bad event of three',
      [event, { ...event, severity: 8 }, event],
      {},
      400,
      'events_invalid',
      /1 of 3.*index 1: severity: .*7/,
    ],
    ['a list within the list', [[event]], {}, 400, 'events_invalid', /index 0: .*expected object/],
    ['an unknown field', { ...event, extra: 1 }, {}, 400, 'events_invalid', /unknown fields: extra/],
    ['a time that is none', { ...event, timestamp: 'now' }, {}, 400, 'events_invalid', /timestamp: .*ISO 8601/],
    ['a message too long, in bytes', long, {}, 400, 'events_invalid', /message: .*32768 bytes/],
    ['a host too long', { ...event, hostname: 'h'.repeat(256) }, {}, 400, 'events_invalid', /hostname: .*255/],
    ['an id with spaces', { ...event, id: 'a b' }, {}, 400, 'events_invalid', /id: .*letters/],
    ['too many events', events(1_001), {}, 413, 'payload_too_large', /1000.*1001/],
    ['a body too large', `"${'x'.repeat(1024 * 1024)}"`, {}, 413, 'payload_too_large', /1 MiB/],
    ['text', json, { 'content-type': 'text/plain' }, 415, 'media_type_unsupported', /application\/json/],
    ['a form', json, { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'media_type_unsupported', /JSON/],
    ['something compressed', json, { 'content-encoding': 'gzip' }, 415, 'media_type_unsupported', /Content-Encoding/],
  ])('with %s is refused whole', async (_, body, headers, status, code, error) => {
    const answer = await send(body, headers);
    expect(answer).toMatchObject({ status, body: { code, error: expect.stringMatching(error) as string } });
    expect(answer.body.correlation_id).toBe(answer.headers.get('x-correlation-id'));
    expect(await queued()).toEqual([]);
  });

  it('is named by its index and the rules that it breaks, up to a number', async () => {
    const { body } = await send([event, ...Array.from({ length: 30 }, () => ({ ...event, facility: 'kern' }))]);
    expect(body.details).toMatchObject({ bad_events: 30 });
    expect(body.details?.events).toHaveLength(20);
    expect(body.details?.events?.[0]).toEqual({ index: 1, problems: [expect.stringMatching(/^facility: /)] });
  });
});

describe('limits, which are changed while it runs', () => {
  it('refuses a batch that the queue has no room for, from a plain SET on', async () => {
    expect(await send(events(3))).toMatchObject({ status: 202 });
    await setTo('max_ingest_queue_size', '5');
    const refused = await refusal(503, events(3));
    expect(refused.body).toMatchObject({ code: 'queue_full', error: expect.stringMatching(/of at most 5/) as string });
    expect(refused.headers.get('retry-after')).toBe('1');
    await client.del('mutt:ingest_queue');
    expect(await send(events(3))).toMatchObject({ status: 202 });
    expect(await send(events(3))).toMatchObject({ status: 503 });
    expect(await queued()).toHaveLength(3);
    await setTo('max_ingest_queue_size', '6');
    await until('there is room', async () => (await send(events(3))).status === 202);
  });

  it('refuses what is over the rate of all ingestors, whoever counts', async () => {
    await setTo('ingest_max_rate', '3');
    const refused = await refusal(429, events(4));
    expect(refused.body).toMatchObject({
      code: 'rate_limited',
      error: expect.stringMatching(/smaller batches/) as string,
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    await client.del('mutt:ingest_queue');
    // A peer that has used up the window, and a long one.
    await client.setEx('mutt:ingest:rate', 100, '2');
    expect(await send(event)).toMatchObject({ status: 202 });
    const late = await send(event);
    expect(late).toMatchObject({ status: 429 });
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(10);
    expect(await queued()).toHaveLength(1);
  });

  it('tells Prometheus what it took, what it refused and why, and how long the queue is', async () => {
    await send(events(2));
    await send({});
    const text = await (await fetch(`${service.url}/metrics`)).text();
    expect(text).toMatch(/mutt_ingest_events_accepted_total\{source="http"\} [1-9]/);
    expect(text).toMatch(/mutt_ingest_events_refused_total\{reason="events_invalid"\} [1-9]/);
    expect(text).toMatch(/mutt_ingest_queue_length 2\n/);
  });
});

describe('syslog', () => {
  const sendTcp = async (text: string): Promise<void> => {
    const socket = connect(Number(env['SYSLOG_TCP_PORT']), '127.0.0.1');
    socket.end(text);
    await once(socket, 'close');
  };
  const sendUdp = async (...messages: (string | Buffer)[]): Promise<void> => {
    const socket = createSocket('udp4');
    for (const message of messages) {
      await new Promise((resolve) => socket.send(message, Number(env['SYSLOG_UDP_PORT']), '127.0.0.1', resolve));
    }
    socket.close();
  };
  it('comes by UDP, in either form, in none, and in bytes that are no text', async () => {
    await sendUdp(
      '<34>1 2026-01-01T00:00:00Z web-1 app - - - first',
      '<34>Oct 11 22:14:15 web-2 su: second',
      Buffer.from([0x68, 0x69, 0xff, 0xfe]),
      '',
    );
    const received = await queued(3);
    expect(received).toMatchObject([
      { message: 'first', hostname: 'web-1', app_name: 'app', severity: 2, timestamp: '2026-01-01T00:00:00Z' },
      { message: 'second', hostname: 'web-2', app_name: 'su', facility: 4 },
      { message: 'hi��', hostname: '127.0.0.1' },
    ]);
    for (const { source, id, correlation_id } of received) {
      expect({ source, correlation_id }).toEqual({ source: 'syslog_udp', correlation_id: id });
    }
  });

  it('comes by TCP, counted, in lines, and to the last byte', async () => {
    await sendTcp(`${Buffer.byteLength('<11>é\n1')} <11>é\n1<11>two\n<11>cut ${'x'.repeat(40_000)}\n<11>three`);
    const received = await queued(4);
    expect(received.map(({ message }) => message.slice(0, 5))).toEqual(['é\n1', 'two', 'cut x', 'three']);
    expect(received[2]?.message.length).toBeLessThan(32 * 1024);
    expect(received.every(({ source }) => source === 'syslog_tcp')).toBe(true);
  });

  it('waits while the queue is full, and is all there when it is not', async () => {
    await setTo('max_ingest_queue_size', '5');
    await refusal(503, events(6));
    await client.del('mutt:ingest_queue');
    const lines = Array.from({ length: 50 }, (_, i) => `<11>line ${i}`);
    await sendTcp(`${lines.join('\n')}\n`);
    await queued(5);
    await setTo('max_ingest_queue_size', '1000');
    expect((await queued(50)).map(({ message }) => message)).toEqual(lines.map((line) => line.slice(4)));
  });
});

test('while Redis is frozen nobody waits for long, and is told that it may be stored; when it is back, so it is', async () => {
  redis.process.kill('SIGSTOP');
  const { status, headers, body } = await send(event).finally(() => redis.process.kill('SIGCONT'));
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'outcome_unknown' });
  expect(headers.get('retry-after')).toBe('1');
  const [stored] = await queued(1);
  expect(body.details?.ids).toEqual([stored?.id]);
});

test('while Redis is away events are refused, and when it is back they are taken', async () => {
  redis.process.kill('SIGKILL');
  const refused = await refusal(503, event, 'redis_unavailable');
  expect(refused.headers.get('retry-after')).toBe('1');
  expect((await fetch(`${service.url}/healthz`)).status).toBe(503);
  await redis.restart();
  await until('events are taken again', async () => (await send({ ...event, id: 'again' })).status === 202);
  expect(new Set((await queued()).map(({ id }) => id))).toEqual(new Set(['again']));
});

test('SIGTERM in the middle of requests loses nothing that was answered 202', async () => {
  const port = String(await freePort());
  const file = new URL('main.ts', import.meta.url);
  const child = await startChild(file, [], {
    ...env,
    PORT: port,
    SYSLOG_UDP_PORT: '',
    SYSLOG_TCP_PORT: '',
    LOG_LEVEL: 'silent',
  });
  const url = `http://127.0.0.1:${port}`;
  await until('it is up', async () => (await fetch(`${url}/healthz`)).ok);
  const accepted: string[] = [];
  const gone = new AbortController();
  const keepSending = async (): Promise<void> => {
    while (!gone.signal.aborted) {
      // Refused connections and answers of 503 are what is to be expected in the end.
      const answer = await send(events(2), {}, url).catch(() => null);
      if (answer?.status === 202) accepted.push(...(answer.body.ids ?? []));
    }
  };
  const senders = Array.from({ length: 8 }, keepSending);
  await until('events flow', () => accepted.length > 100);
  const code = await child.end('SIGTERM');
  gone.abort();
  await Promise.all(senders);
  expect(code).toBe(0);
  const ids = new Set((await queued()).map(({ id }) => id));
  expect(accepted.filter((id) => !ids.has(id))).toEqual([]);
});
