import type { DynamicConfig } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { STATUS_OF } from '../errors.ts';
import { checkAll } from './component-check.ts';
import type { ComponentCheck } from './component-check.ts';
import { getHealth, getReadiness } from './health-replies.ts';

/** For orchestrators and balancers; without an API key, so they say nothing that is not everybody's business. */
export function healthRoutes(config: DynamicConfig, checks: readonly ComponentCheck[]): FastifyPluginAsyncZod {
  return async (app) => {
    const options = { config: { isPublic: true }, logLevel: 'warn' } as const;

    app.get('/healthz', { ...options, schema: getHealth }, async () => ({ status: 'up' }));

    app.get('/readyz', { ...options, schema: getReadiness }, async (request, reply) => {
      const components = await checkAll(checks);
      const { state, alarm } = config.status();
      const missing = checks.find(({ name, isRequired }) => isRequired && components[name]?.status !== 'up');
      if (missing === undefined) {
        // Still ready with an alarm: all values are served. But somebody has to decide.
        return { status: 'ready', state, ...(alarm !== null && { alarm: alarm.code }), components };
      }
      return reply.code(STATUS_OF.store_unavailable).send({
        error: components[missing.name]?.message ?? `Not ready: ${missing.name}.`,
        code: 'store_unavailable',
        correlation_id: request.id,
        details: { state, components },
      });
    });
  };
}
