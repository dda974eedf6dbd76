import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { getMetrics } from '../health/health-replies.ts';
import type { ServerMetrics } from './server-metrics.ts';

export interface MetricsRoutesOptions {
  readonly metrics: ServerMetrics;
  /** Answered without an API key. */
  readonly isPublic: boolean;
}

/** `/metrics`, for Prometheus. */
export function metricsRoutes({ metrics, isPublic }: MetricsRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/metrics', { config: { isPublic }, logLevel: 'warn', schema: getMetrics }, async (_, reply) => {
      const text = await metrics.registry.metrics();
      return reply.header('content-type', metrics.registry.contentType).send(text);
    });
  };
}
