import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Redis } from './redis.ts';

const BODY_BYTES = 1024 * 1024;
const REQUEST_MS = 10_000;
const PING_MS = 1_000;

export interface Operations {
  readonly name: string;
  readonly config: Pick<DynamicConfig, 'status'>;
  readonly redis: Redis;
  readonly metrics: Registry;
  readonly logger: Logger;
  /** What is wrong with the service itself, as a sentence; null while it works. */
  readonly health: () => string | null;
}

/** What operators ask a service: `/healthz` and `/metrics`. */
export function operationsServer({ name, config, redis, metrics, logger, health }: Operations): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = logger;
  const http = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: 'idle',
  });
  collectDefaultMetrics({ register: metrics });
  configMetrics(config, metrics);

  http.get('/healthz', async (_request, reply) => {
    const { state, revision, ageMs, invalid, alarm } = config.status();
    const problems = [
      (await answers(redis)) ? null : 'Redis does not answer.',
      state === 'live' || state === 'polling' ? null : `Settings are ${state}: the last known ones are used.`,
      alarm === null ? null : alarm.message,
      health(),
    ].filter((problem) => problem !== null);
    return reply.code(problems.length === 0 ? 200 : 503).send({
      status: problems.length === 0 ? 'ok' : 'degraded',
      service: name,
      problems,
      config: {
        state,
        revision,
        age_ms: Math.round(ageMs),
        invalid: invalid.map(({ key, problem }) => ({ key, problem })),
      },
    });
  });

  http.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.metrics()),
  );
  return http;
}

function configMetrics(config: Operations['config'], metrics: Registry): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const collect = (): void => metric.set(read());
    const metric = new Gauge({ name, help, collect, registers: [metrics] });
  };
  gauge('mutt_config_revision', 'Revision of the settings in memory', () => config.status().revision);
  gauge('mutt_config_age_seconds', 'Since the settings were last proven current', () => config.status().ageMs / 1000);
  gauge('mutt_config_invalid', 'Stored values that are not served', () => config.status().invalid.length);
}

/** A command that Redis has been sent cannot be taken back: so it is not waited for. */
async function answers(redis: Redis): Promise<boolean> {
  const answered = redis.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, sleep(PING_MS, false, { ref: false })]);
}
