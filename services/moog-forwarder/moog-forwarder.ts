import { QUEUES } from '../pipeline/queues.ts';
import { takePermits } from '../pipeline/rate-limit.ts';
import type { Running, ServiceContext, ServiceDefinition } from '../pipeline/run-service.ts';
import { WorkQueue } from '../pipeline/work-queue.ts';
import { SERVICE } from './aftermath.ts';
import { Forwarder } from './forwarder.ts';
import { forwarderMetrics } from './forwarder-metrics.ts';
import { settings } from './settings.ts';
import { Webhook } from './webhook.ts';

/** The counter that all forwarders share, those of v2.5 in Python among them. */
const RATE_KEY = 'mutt:moog:rate';
/** At a stop, so long may Moog take to answer what was sent. */
const LAST_ANSWERS_MS = 10_000;

/** Where Moog is: of the environment, since it is no matter of the running pipeline. */
export interface MoogOptions {
  readonly url: string;
  /** Sent as it is, in `Authorization`. */
  readonly apiKey?: string | undefined;
}

/** The service that sends alerts to Moog. */
export function moogForwarder(moog: MoogOptions): ServiceDefinition<typeof settings> {
  return { name: SERVICE, defaultPort: 8083, settings, start: (context) => start(context, moog) };
}

async function start(
  { config, redis, worker, logger, metrics, stopping }: ServiceContext<typeof settings>,
  { url, apiKey }: MoogOptions,
): Promise<Running> {
  const now = (): number => performance.timeOrigin + performance.now();
  const webhook = new Webhook({ url, apiKey, timeoutMs: () => config.get('moog_timeout'), now });
  const queue = await WorkQueue.open(redis, {
    queue: QUEUES.alert,
    service: SERVICE,
    worker,
    timeoutMs: () => config.get('worker_timeout'),
    toRecovered: (item) => ({ item, to: QUEUES.alert }),
    logger,
    stopping,
  });
  const forwarder = new Forwarder({
    config,
    queue,
    webhook,
    takePermits: (wanted) => takePermits(redis, RATE_KEY, config.get('moog_rate_limit'), wanted, { paced: true }),
    countDeadLetters: () => redis.lLen(QUEUES.moogDlq),
    metrics: (breaker) => forwarderMetrics(metrics, breaker),
    logger,
    stopping,
    now,
    random: Math.random,
  });
  const running = forwarder.run();
  return {
    health: () => forwarder.health(),
    drain: async () => {
      const timer = setTimeout(() => webhook.abandon(), LAST_ANSWERS_MS);
      await running;
      clearTimeout(timer);
      await queue.close();
    },
  };
}
