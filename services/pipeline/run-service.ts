import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { DynamicConfig, redisUrlFromEnv } from '@mutt/dynamic-config';
import type { Settings, TypedConnectOptions, ValuesOf } from '@mutt/dynamic-config';
import { destination, pino } from 'pino';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { FastifyInstance } from 'fastify';
import { closeHttp } from './close-http.ts';
import { operationsServer } from './operations-server.ts';
import { connectRedis } from './redis.ts';
import type { Redis } from './redis.ts';

const VERSION = '2.5.0';
/** Longer than a batch takes, shorter than orchestrators wait before they kill. */
const DRAIN_MS = 20_000;
/** Longer than any answer takes. */
const LAST_REQUESTS_MS = 5_000;

/** What a service is given. */
export interface ServiceContext<S extends Settings> {
  readonly config: DynamicConfig<ValuesOf<S>>;
  /** For commands; what waits needs a connection of its own. */
  readonly redis: Redis;
  /** The name of this process among all that run or ever ran. */
  readonly worker: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Serves `/healthz` and `/metrics`; routes may be added. */
  readonly http: FastifyInstance;
  /** Aborted when the service is to end: nothing new is begun. */
  readonly stopping: AbortSignal;
}

/** A service that runs. */
export interface Running {
  /** What is wrong, as a sentence; null while it works. */
  health?(): string | null;
  /** Resolves when nothing is in flight any more; `stopping` is aborted before. */
  drain(): Promise<void>;
}

export interface ServiceDefinition<S extends Settings> {
  readonly name: string;
  readonly defaultPort: number;
  readonly settings: S;
  readonly validate?: TypedConnectOptions<S>['validate'];
  start(context: ServiceContext<S>): Promise<Running>;
}

/** A process of a service: from its environment to its last item. Ends the process. */
export async function runService<S extends Settings>(definition: ServiceDefinition<S>): Promise<void> {
  const logger = createLogger(definition.name);
  try {
    const service = await startService(definition, process.env, logger);
    const stop = (signal: string): void => {
      logger.info({ signal }, 'stopping');
      service.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'stopped with something in flight');
          process.exit(1);
        },
      );
    };
    // The first signal ends it in order, a second one at once.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        stop(signal);
      });
    }
  } catch (error) {
    logger.fatal({ err: error }, `${definition.name} cannot start`);
    process.exit(1);
  }
}

export interface StartedService {
  /** Of its health and metrics. */
  readonly url: string;
  /** Rejects when something is still in flight after 20 s. */
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Within this process. */
export async function startService<S extends Settings>(
  definition: ServiceDefinition<S>,
  env: Environment,
  logger: Logger,
): Promise<StartedService> {
  const { name, defaultPort, settings, validate } = definition;
  const url = env['REDIS_URL'] ?? redisUrlFromEnv(env) ?? 'redis://localhost:6379';
  const worker = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const stopping = new AbortController();
  const config: DynamicConfig<ValuesOf<S>> = await DynamicConfig.connect(url, {
    settings,
    service: { name, version: VERSION },
    logger: { warn: (message) => logger.warn(message), error: (message) => logger.error(message) },
    ...(env['MUTT_PREFIX'] !== undefined && { prefix: env['MUTT_PREFIX'] }),
    ...(validate !== undefined && { validate }),
  });
  const redis = await connectRedis(url, `${name}:${worker}`, logger);
  const metrics = new Registry();
  let running: Running | null = null;
  const http = operationsServer({ name, config, redis, metrics, logger, health: () => running?.health?.() ?? null });
  running = await definition.start({ config, redis, worker, logger, metrics, http, stopping: stopping.signal });
  const address = await http.listen({ host: env['HOST'] ?? '127.0.0.1', port: Number(env['PORT'] ?? defaultPort) });
  logger.info({ url: address, worker }, `${name} runs`);

  const drained = async (): Promise<void> => {
    stopping.abort();
    await Promise.all([closeHttp(http, LAST_REQUESTS_MS), running.drain()]);
    redis.destroy();
    await config.close();
  };
  let stopped: Promise<void> | null = null;
  return { url: address, stop: () => (stopped ??= within(DRAIN_MS, drained())) };
}

/** JSON lines, on stderr. */
export function createLogger(service: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  return pino({ level, base: { service } }, destination({ dest: 2, sync: true }));
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not drained after ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
