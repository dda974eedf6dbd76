import { ConfigError } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { STATUS_OF } from '../errors.ts';

/** For orchestrators and balancers; without an API key, so they say nothing that is not everybody's business. */
export function healthRoutes(config: DynamicConfig): FastifyPluginAsyncZod {
  return async (app) => {
    const options = { config: { isPublic: true }, logLevel: 'warn' } as const;

    app.get('/healthz', options, async () => ({ status: 'up' }));

    app.get('/readyz', options, async (request, reply) => {
      const { state, lastError, alarm } = config.status();
      if (state === 'live' || state === 'polling') {
        // Still ready: all values are served. But somebody has to decide.
        return { status: 'ready', state, ...(alarm !== null && { alarm: alarm.code }) };
      }
      const because = lastError instanceof ConfigError ? ` (${lastError.code})` : '';
      const where = state === 'offline' ? 'out of reach' : 'silent';
      return reply.code(STATUS_OF.store_unavailable).send({
        error: `The store is ${where}${because}. Reads go on from memory.`,
        code: 'store_unavailable',
        correlation_id: request.id,
        details: { state },
      });
    });
  };
}
