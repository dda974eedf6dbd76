import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { EventHub } from './event-hub.ts';

/** `/api/v1/events`: changes as they happen, as server-sent events. */
export function eventsRoutes(hub: EventHub): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/api/v1/events', { exposeHeadRoute: false }, (request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-correlation-id': request.id,
        // nginx would hold events back.
        'x-accel-buffering': 'no',
      });
      hub.connect(reply.raw);
    });
  };
}
