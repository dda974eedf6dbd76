import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis } from '../pipeline/redis.ts';
import { QUEUES } from '../pipeline/queues.ts';
import type { Redis } from '../pipeline/redis.ts';
import { createLogger } from '../pipeline/run-service.ts';
import { account } from './account.ts';
import { Dashboard } from './dashboard.ts';
import { eventGenerator, seededRandom } from './event-generator.ts';
import type { Random } from './event-generator.ts';
import { Load } from './load.ts';
import { readOptions } from './options.ts';
import { Stack } from './stack.ts';
import { Walk } from './walk.ts';
import type { Step } from './walk.ts';

/** For the queues to become empty, once nothing comes in any more. */
const DRAIN_MS = 60_000;
const STEPS = 9;
/** As a shell has it for what Ctrl-C ended. */
const INTERRUPTED = 130;

const options = readOptions();
const interrupted = new AbortController();
// The first Ctrl-C ends all in order, a second one at once; npm passes the first one on, so it comes twice. A terminal that
// is closed ends all, too, and nothing can be written to it then: the programs are in groups of their own, and would go on.
let interruptedAt = 0;
for (const output of [process.stdout, process.stderr]) output.on('error', () => interrupted.abort());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted && performance.now() - interruptedAt > 1_000) process.exit(INTERRUPTED);
    if (!interrupted.signal.aborted) interruptedAt = performance.now();
    interrupted.abort();
  });
}
process.exitCode = await (options.headless ? headless() : withDashboard());

/** @returns 1 when an event was lost, or a process ended; 130 when it was interrupted. */
async function headless(): Promise<number> {
  note('Starting Redis, the server, a Moog, and two of each service …');
  await using demo = await start();
  const { stack, redis, load, random } = demo;
  const startedAt = performance.now();
  const memory = await residentMb(stack);
  const onStep = ({ title, command, effect }: Step): void => note(`${title}\n  $ ${command}\n  ${effect}`);
  const stepMs = Math.min(10_000, (options.seconds * 1000) / STEPS);
  const walk = new Walk({ stack, redis, stepMs, signal: interrupted.signal, onStep });
  const changing = changeAtRandom(walk, random, startedAt + options.seconds * 1000);
  await walk.run();
  await changing;
  const left = startedAt + options.seconds * 1000 - performance.now();
  await sleep(Math.max(0, left), undefined, { signal: interrupted.signal }).catch(() => {});
  await load.stop();
  // What is still under way then cannot be accounted for.
  if (interrupted.signal.aborted) return INTERRUPTED;
  const seconds = (performance.now() - startedAt) / 1000;
  await drained(redis);
  const found = await account(redis, stack.moogUrl, load.accepted);
  const result = {
    events_in: found.in,
    events_out: found.out,
    lost: found.lost.length,
    duplicated: found.duplicated.length,
    changes_applied: walk.changesApplied,
    restarts: stack.deaths,
    rate_error: Number(walk.rateError.toFixed(3)),
    events_per_second: Math.round(found.in / seconds),
    queued: found.queued,
    memory_mb: { before: memory, after: await residentMb(stack) },
  };
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${inWords(result)}\n`);
  return result.lost > 0 || result.restarts > 0 ? 1 : 0;
}

async function withDashboard(): Promise<number> {
  note('Starting Redis, the server, a Moog, and two of each service …');
  await using demo = await start();
  const { stack, redis, load } = demo;
  const dashboard = new Dashboard(stack, redis, load);
  try {
    while (!interrupted.signal.aborted) {
      const walk = new Walk({
        stack,
        redis,
        stepMs: 5_000,
        signal: interrupted.signal,
        onStep: (step) => dashboard.add(step),
      });
      await walk.run();
      if (!interrupted.signal.aborted)
        await walk.change({ moog_rate_limit: '100', moog_batch_size: '100' }, 'from the start');
    }
  } finally {
    dashboard.stop();
    note('Ending all of it …');
  }
  return 0;
}

async function start(): Promise<AsyncDisposable & { stack: Stack; redis: Redis; load: Load; random: Random }> {
  const stack = await Stack.start();
  const redis = await connectRedis(stack.redisUrl, 'demo', createLogger('demo', 'error'));
  const random = seededRandom(options.seed);
  // All that no rule matches is kept, so that it can be counted by id.
  await stack.change(
    {
      unhandled_keep: '1000000',
      moog_rate_limit: '100',
      alerter_queue_warn_threshold: '100000',
      alerter_queue_shed_threshold: '1000000',
    },
    'as the demo begins',
  );
  const load = new Load({
    eventsPerSecond: options.eventsPerSecond,
    urls: () => stack.urlsOf('ingestor'),
    events: eventGenerator(random, `demo-${options.seed}`),
  });
  return {
    stack,
    redis,
    load,
    random,
    async [Symbol.asyncDispose]() {
      await load.stop();
      redis.destroy();
      await stack.stop();
    },
  };
}

/** Of a setting that does no harm to what the walk measures. */
async function changeAtRandom(walk: Walk, random: Random, untilMs: number): Promise<void> {
  for (let n = 0; n < options.changes && !interrupted.signal.aborted; n++) {
    const left = untilMs - performance.now();
    await sleep(Math.max(0, left / (options.changes - n)), undefined, { signal: interrupted.signal }).catch(() => {});
    await walk.change({ alerter_defer_sleep_ms: String(100 + Math.floor(random() * 400)) }, `change ${n + 1} of many`);
  }
}

async function drained(redis: Redis): Promise<void> {
  const deadline = performance.now() + DRAIN_MS;
  while (performance.now() < deadline) {
    const lengths = await Promise.all([QUEUES.ingest, QUEUES.alert].map((list) => redis.lLen(list)));
    const hands = await redis.sendCommand(['EVAL', "return #redis.call('KEYS', 'mutt:processing:*')", '0']);
    if (lengths.every((length) => length === 0) && Number(hands) === 0) return;
    await sleep(100);
  }
}

/** Of all services, in megabytes. */
async function residentMb(stack: Stack): Promise<number> {
  const each = stack.instances.map(async (instance) => {
    const text = await stack.metrics(instance);
    return Number(/^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1] ?? 0);
  });
  const bytes = (await Promise.all(each)).reduce((sum, one) => sum + one, 0);
  return Math.round(bytes / 1_000_000);
}

function inWords(result: {
  readonly events_in: number;
  readonly events_out: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly changes_applied: number;
  readonly restarts: number;
  readonly rate_error: number;
}): string {
  return [
    `${result.events_in} events in, ${result.events_out} out, ${result.lost} lost, ${result.duplicated} more than once.`,
    `${result.changes_applied} changes applied, ${result.restarts} restarts; the rate followed its limit within ${(result.rate_error * 100).toFixed(1)} %.`,
  ].join('\n');
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
