import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { grantOf } from '../auth/authenticate.ts';
import { isBrowser } from '../auth/reader-of.ts';
import type { EventHub } from './event-hub.ts';
import { viewOf } from './event-view.ts';
import { streamEvents } from './events-replies.ts';
import { eventsQuery } from './events-schemas.ts';

/** `/api/v1/events`: changes as they happen, as server-sent events. */
export function eventsRoutes(hub: EventHub): FastifyPluginAsyncZod {
  return async (app) => {
    const options = {
      exposeHeadRoute: false,
      config: { isStream: true },
      schema: { ...streamEvents, querystring: eventsQuery },
    };
    app.get('/api/v1/events', options, (request, reply) => {
      const { keys = null, last_event_id: named = null } = request.query;
      const { id: ownerId, principal } = grantOf(request);
      const isPerson = isBrowser(request);
      hub.assertRoom();
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // nginx would hold events back.
        'x-accel-buffering': 'no',
      });
      hub.connect(reply.raw, {
        view: viewOf(principal, { asked: keys, isPerson }),
        ownerId,
        listener: {
          name: principal.name,
          isPerson,
          address: request.ip,
          userAgent: request.headers['user-agent'] ?? null,
        },
        lastEventId: lastEventIdOf(request.headers) ?? named,
      });
    });
  };
}

/** The header, which a browser sends when it comes back, knows better than the URL that it once started with. */
function lastEventIdOf(headers: IncomingHttpHeaders): string | null {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : null;
}
