import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@mutt/dynamic-config/testing';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { bundleProgram } from '../../test/support/bundle-program.ts';
import { freePort } from '../../test/support/free-port.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import type { RedisServer } from '../../test/support/redis-server.ts';
import { packageFile } from '../pipeline/package-file.ts';
import { QUEUES } from '../pipeline/queues.ts';
import { startService } from '../pipeline/run-service.ts';
import { alerter } from './alerter.ts';
import { fileRules } from './rule-source.ts';

const SAMPLE = packageFile('alerter/rules.yaml');

interface Running {
  readonly redis: RedisServer;
  readonly rulesFile: string;
  readonly logged: { readonly level: number; readonly msg: string }[];
  readonly offer: (count: number, more?: object) => Promise<void>;
  readonly length: (queue: string) => Promise<number>;
  /** What lies in a queue, the latest first. */
  readonly items: <T>(queue: string) => Promise<T[]>;
  /** As an operator without our tools, or a service of before. */
  readonly set: (key: string, value: unknown) => Promise<void>;
  readonly health: () => Promise<{ readonly code: number; readonly problems: readonly string[] }>;
  readonly metric: (line: string) => Promise<number>;
}

/** An alerter in this process, on a Redis and a rules file of its own. */
async function start(initial: Readonly<Record<string, unknown>> = {}): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'mutt-alerter-'));
  const rulesFile = join(folder, 'rules.yaml');
  await writeFile(rulesFile, await readFile(SAMPLE));
  const redis = await startRedis();
  for (const [key, value] of Object.entries(initial)) await redis.cli('SET', `mutt:config:${key}`, String(value));
  const logged: Running['logged'] = [];
  const logger = pino({}, { write: (line: string) => void logged.push(JSON.parse(line) as Running['logged'][number]) });
  const env = { REDIS_URL: redis.url, PORT: '0' };
  const service = await startService(
    alerter(() => fileRules(rulesFile)),
    env,
    logger,
  );
  onTestFinished(async () => {
    await service.stop();
    await redis.stop();
    await rm(folder, { recursive: true });
  });
  let offered = 0;
  return {
    redis,
    rulesFile,
    logged,
    offer: async (count, more) => {
      const from = offered;
      offered += count;
      await push(redis, from, count, more);
    },
    length: async (queue) => Number(await redis.cli('LLEN', queue)),
    items: (queue) => itemsOf(redis, queue),
    set: async (key, value) => {
      await redis.cli('SET', `mutt:config:${key}`, String(value));
      await redis.cli('PUBLISH', 'mutt:config:updates', key);
    },
    health: async () => {
      const response = await fetch(`${service.url}/healthz`, { signal: AbortSignal.timeout(5_000) });
      return { code: response.status, ...((await response.json()) as { problems: string[] }) };
    },
    metric: async (line) => {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      return Number(
        text
          .split('\n')
          .find((one) => one.startsWith(`${line} `))
          ?.slice(line.length + 1) ?? Number.NaN,
      );
    },
  };
}

async function push(redis: RedisServer, from: number, count: number, more: object = {}): Promise<void> {
  const events = Array.from({ length: count }, (_, n) =>
    JSON.stringify({
      id: `e${from + n}`,
      timestamp: '2026-01-01T00:00:00Z',
      message: 'write: No space left on device',
      hostname: 'db-01',
      source: 'http',
      correlation_id: `c${from + n}`,
      received_at: '2026-01-01T10:20:30Z',
      ...more,
    }),
  );
  if (count > 0) await redis.cli('LPUSH', QUEUES.ingest, ...events);
}

async function itemsOf<T>(redis: RedisServer, queue: string): Promise<T[]> {
  const text = await redis.cli('LRANGE', queue, '0', '-1');
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as T);
}

it('makes alerts of events, with what the incident platform asks for', async () => {
  const { offer, items, length, metric } = await start();
  await offer(1);
  await offer(1, { message: 'pam_unix(sshd:session): session opened for user x' });
  await until('both are settled', async () => (await metric('mutt_alerter_events_total{outcome="ignored"}')) === 1);
  const [alert, ...others] = await items(QUEUES.alert);
  expect(others).toEqual([]);
  expect(alert).toMatchObject({ id: 'e0', rule: 'disk-full', team: 'storage', handling: 'page', environment: 'prod' });
  expect(alert).toMatchObject({ event: { id: 'e0', correlation_id: 'c0' } });
  expect([await length(QUEUES.ingest), await length(QUEUES.unhandled)]).toEqual([0, 0]);
  expect(await metric('mutt_alerter_rules')).toBeGreaterThan(9);
});

it('changes what it sheds and what it leaves under load, at once, and loses no event', async () => {
  const { offer, set, length, items, logged, health } = await start({
    alerter_queue_warn_threshold: 20,
    alerter_queue_shed_threshold: 50,
    alerter_shed_mode: 'defer',
    // Longer than this test may last: it must be woken.
    alerter_defer_sleep_ms: 60_000,
    dlq_max_size: 100,
  });
  await offer(500);
  await until('there is room for no more alerts', async () => (await length(QUEUES.alert)) === 50);
  expect(await length(QUEUES.ingest)).toBe(450);

  await set('alerter_shed_mode', 'nonsense');
  await until('the value is refused', async () => JSON.stringify(await health()).includes('"alerter_shed_mode"'));
  expect(await length(QUEUES.ingest)).toBe(450);

  await set('alerter_shed_mode', 'dlq');
  await until('as many are set aside as may be', async () => (await length(QUEUES.alerterDlq)) === 100);
  const isFull = (problem: string): boolean => problem.includes('mutt:dlq:alerter is full');
  await until('it says that it cannot set aside more', async () => (await health()).problems.some(isFull));
  expect(await length(QUEUES.ingest)).toBe(350);

  await set('dlq_max_size', 100_000);
  await until('the rest is set aside', async () => (await length(QUEUES.alerterDlq)) === 450);
  expect((await health()).problems).toEqual([]);

  const letters = await items<{ item: string; reason: string }>(QUEUES.alerterDlq);
  expect(letters[0]?.reason).toBe('50 alerts wait, and alerter_queue_shed_threshold is 50');
  const shed = letters.map(({ item }) => (JSON.parse(item) as { id: string }).id);
  const alerts = (await items<{ id: string }>(QUEUES.alert)).map(({ id }) => id);
  expect(new Set([...shed, ...alerts]).size).toBe(500);
  expect(logged.filter(({ msg }) => msg.startsWith('Events are left in the queue')).length).toBeLessThanOrEqual(2);
});

it('warns once when too many alerts wait, and says when that is over', async () => {
  const { offer, length, logged, redis, metric } = await start({ alerter_queue_warn_threshold: 5 });
  const said = (text: string): number => logged.filter(({ msg }) => msg.includes(text)).length;
  await offer(8);
  await until('it warned', () => said('alerter_queue_warn_threshold is 5') > 0);
  expect(await metric('mutt_alerter_pressure{level="warn"}')).toBe(1);
  await offer(8);
  await until('all are alerts', async () => (await length(QUEUES.alert)) === 16);
  await redis.cli('DEL', QUEUES.alert);
  await until('it is over', () => said('keeps up again') > 0);
  expect(said('alerter_queue_warn_threshold is 5')).toBe(1);
});

it('reads its rules again when the interval changes, and keeps the last good ones when they are broken', async () => {
  const { offer, set, items, length, health, metric, rulesFile, logged } = await start();
  const sample = await readFile(rulesFile, 'utf8');
  await writeFile(rulesFile, 'rules: [{');
  await set('cache_reload_interval', 3_000);
  await until('it says that the rules are broken', async () => (await health()).code === 503);
  expect((await health()).problems.join()).toMatch(/The rules of .* cannot be read/);
  await offer(1);
  await until('the last good rules matched', async () => (await length(QUEUES.alert)) === 1);

  await writeFile(rulesFile, sample.replace('name: disk-full', 'name: volume-full').replace("'%SYS-5-CONFIG_I'", '[]'));
  await set('cache_reload_interval', 3_001);
  await until('they are read', async () => (await health()).code === 200);
  await offer(1);
  await until('the new rules matched', async () => (await length(QUEUES.alert)) === 2);
  expect(await items(QUEUES.alert)).toMatchObject([{ rule: 'volume-full' }, { rule: 'disk-full' }]);
  expect(await metric('mutt_alerter_rules_refused')).toBe(1);
  expect(logged.map(({ msg }) => msg)).toContainEqual(expect.stringMatching(/^Refused configuration-changed: match: /));
});

it('keeps the latest events that no rule knows, and tells of hosts that send many', async () => {
  const { offer, items, length, metric } = await start({ unhandled_threshold: 100, unhandled_keep: 30 });
  await offer(250, { message: 'hm', hostname: 'HOST-1' });
  await offer(99, { message: 'hm', hostname: '{count} "2"' });
  await until('all are counted', async () => (await metric('mutt_alerter_events_total{outcome="unhandled"}')) === 349);
  await until('both alerts are made', async () => (await metric('mutt_alerter_unhandled_alerts_total')) === 2);
  await offer(1, { message: 'the last one', hostname: '{count} "2"' });
  await until('that was the hundredth', async () => (await length(QUEUES.alert)) === 3);

  const alerts = await items<{ id: string; event: { id: string; message: string; hostname: string } }>(QUEUES.alert);
  expect(alerts.map(({ event }) => `${event.hostname} ${event.message.split(' ')[0]}`)).toEqual([
    '{count} "2" 100',
    'HOST-1 200',
    'HOST-1 100',
  ]);
  expect(alerts[0]).toMatchObject({ rule: 'unhandled', team: 'noc', handling: 'ticket' });
  expect(alerts[0]?.id).toMatch(/^unhandled:[0-9a-f]{16}:2026-01-01T10:100$/);
  const kept = await items<{ message: string }>(QUEUES.unhandled);
  expect([kept.length, kept[0]?.message]).toEqual([30, 'the last one']);
});

it('says that Redis is frozen, and goes on when it comes back, though all settings are gone', async () => {
  const { offer, length, redis, health } = await start({ unhandled_threshold: 7 });
  redis.process.kill('SIGSTOP');
  expect((await health()).problems).toContain('Redis does not answer.');
  await redis.restart();
  await offer(5);
  await until('events are handled again', async () => (await length(QUEUES.alert)) === 5);
  await until('it says that settings were lost', async () => (await health()).code === 503);
});

it('takes over what a dead alerter had in hand, but not what may have killed it three times', async () => {
  const program = await bundleProgram(packageFile('alerter/main.ts'));
  const { redis, offer, items, length } = await start({
    worker_timeout: '500ms',
    alerter_queue_shed_threshold: 1_000_000,
  });
  const env = {
    ...process.env,
    REDIS_URL: redis.url,
    PORT: String(await freePort()),
    RULES_FILE: fileURLToPath(SAMPLE),
  };
  const other = spawn(process.execPath, [program], { env: { ...env, LOG_LEVEL: 'silent' }, stdio: 'inherit' });
  onTestFinished(() => void other.kill('SIGKILL'));
  const workers = async (): Promise<string[]> => (await redis.cli('SMEMBERS', 'mutt:workers:alerter')).split('\n');
  const name = await until('both are at work', async () =>
    (await workers()).find((worker) => worker.includes(`:${other.pid}:`)),
  );
  const hands = `mutt:processing:alerter:${name}`;
  let offered = 0;
  await until('it is stopped with something in hand', async () => {
    other.kill('SIGCONT');
    await offer(500);
    offered += 500;
    other.kill('SIGSTOP');
    return (await length(hands)) > 0;
  });
  other.kill('SIGKILL');
  // As of one that died twice before, with this in hand.
  const suspect = { id: 'suspect', timestamp: '', message: 'No space left on device', hostname: 'x', attempts: 2 };
  await redis.cli('LPUSH', 'mutt:processing:alerter:dead', JSON.stringify(suspect));
  await redis.cli('SADD', 'mutt:workers:alerter', 'dead');

  await until('the dead are forgotten', async () => (await workers()).length === 1);
  await until('all are handled', async () => (await length(QUEUES.alert)) >= offered);
  const ids = (await items<{ id: string }>(QUEUES.alert)).map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([offered, offered]);
  expect([await length(hands), await length(QUEUES.ingest)]).toEqual([0, 0]);
  const letters = await items<{ item: string; reason: string }>(QUEUES.alerterDlq);
  expect(letters).toMatchObject([{ item: JSON.stringify(suspect), reason: expect.stringContaining('died') }]);
});
