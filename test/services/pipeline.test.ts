import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { account } from '../../services/demo/account.ts';
import { eventGenerator, seededRandom } from '../../services/demo/event-generator.ts';
import { Load } from '../../services/demo/load.ts';
import { Stack } from '../../services/demo/stack.ts';
import type { ServiceName } from '../../services/demo/stack.ts';
import { connectRedis } from '../../services/pipeline/redis.ts';
import type { Redis } from '../../services/pipeline/redis.ts';
import { createLogger } from '../../services/pipeline/run-service.ts';
import { QUEUES } from '../../services/pipeline/queues.ts';

const BATCH = 50;
const KINDS: readonly ServiceName[] = ['ingestor', 'alerter', 'moog-forwarder'];

test('a worker of each kind is killed under load, settings change throughout, and every event is accounted for', async () => {
  const stack = await Stack.start();
  const redis = await connectRedis(stack.redisUrl, 'test', createLogger('test', 'silent'));
  const random = seededRandom(7);
  try {
    await stack.change(
      {
        moog_batch_size: String(BATCH),
        moog_rate_limit: '2000',
        worker_timeout: '1s',
        unhandled_keep: '1000000',
        alerter_queue_warn_threshold: '100000',
        alerter_queue_shed_threshold: '1000000',
      },
      'as the test begins',
    );
    const events = eventGenerator(random, 'run');
    const load = new Load({ eventsPerSecond: 400, urls: () => stack.urlsOf('ingestor'), events });
    const changing = new AbortController();
    const changed = changeThroughout(stack, random, changing.signal);

    for (const kind of KINDS) {
      const [before, accepted] = [await received(stack), load.accepted.size];
      await until('work is done', async () => (await received(stack)) > before && load.accepted.size > accepted);
      const [victim] = stack.instances.filter(({ service }) => service === kind);
      if (victim === undefined) throw new Error(`No ${kind} runs`);
      await stack.killInstance(victim);
      await until('the others go on', async () => load.accepted.size > accepted + 400);
      await stack.startInstance(kind);
    }

    await legacyPeerChangesTheRate(stack, redis);

    await load.stop();
    changing.abort();
    expect(await changed).toBeGreaterThan(20);
    const found = await until('all has arrived', async () => {
      const now = await account(redis, stack.moogUrl, load.accepted);
      return now.queued === 0 && now.lost.length === 0 ? now : null;
    });
    expect(found.out).toBe(load.accepted.size);
    expect(found.out).toBeGreaterThan(1_000);
    // At least once: what a client sent again, or the killed forwarder had sent and not yet settled, may come twice.
    const unexplained = found.duplicated.filter((id) => !load.repeated.has(id));
    expect(unexplained.length).toBeLessThanOrEqual(2 * BATCH);
    expect(stack.deaths).toBe(0);
    expect(await redis.lLen(QUEUES.alerterDlq)).toBe(0);
  } finally {
    redis.destroy();
    await stack.stop();
  }
});

/** @returns how many changes were made. */
async function changeThroughout(stack: Stack, random: () => number, signal: AbortSignal): Promise<number> {
  let changes = 0;
  while (!signal.aborted) {
    const value = (min: number, max: number): string => String(min + Math.floor(random() * (max - min)));
    await stack.change(
      {
        max_ingest_queue_size: value(50_000, 100_000),
        cache_reload_interval: value(1, 600),
        moog_retry_max: `${value(1, 30)}s`,
      },
      `change ${++changes}`,
    );
    await sleep(100, undefined, { signal }).catch(() => {});
  }
  return changes;
}

/** By a plain key and a message, as a Python service does; it takes effect at once. */
async function legacyPeerChangesTheRate(stack: Stack, redis: Redis): Promise<void> {
  await redis.set('mutt:config:moog_rate_limit', '10');
  await redis.publish('mutt:config:updates', 'moog_rate_limit');
  await until('a second at the new rate', async () => {
    const before = await received(stack);
    await sleep(1_000);
    const after = await received(stack);
    return after - before <= 20 && after > before;
  });
  expect(await redis.lLen(QUEUES.alert)).toBeGreaterThan(20);
  await redis.set('mutt:config:moog_rate_limit', '5000');
  await redis.publish('mutt:config:updates', 'moog_rate_limit');
}

async function received(stack: Stack): Promise<number> {
  const response = await fetch(`${stack.moogUrl}/stats`);
  return ((await response.json()) as { received: number }).received;
}
