import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { senderOf } from './auth/authenticate.ts';
import type { RequestTimes } from './metrics/request-times.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its reply goes on for as long as the client likes: how long that was says nothing of the server. */
    isStream?: boolean;
  }
}

/** Stands for the route of what no route was there for. */
const NO_ROUTE = 'none';
const LEVELS_WITH_REQUESTS: ReadonlySet<string> = new Set(['trace', 'debug', 'info']);

/** Counts every request that was answered, and logs a line for each, where that is wanted. */
export function observeRequests(app: FastifyInstance, logger: FastifyBaseLogger, times: RequestTimes): void {
  const isLogged = LEVELS_WITH_REQUESTS.has(logger.level);
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern of the path: it holds no key and no value, and there are only so many.
    const { url: route = NO_ROUTE, config } = request.routeOptions;
    const ms = reply.elapsedTime;
    if (config?.isStream !== true) times.observe(request.method, route, reply.statusCode, ms);
    if (isLogged) logRequest(request, reply, route, ms);
    done();
  });
}

/** Who, what, how it ended; neither headers nor bodies. */
function logRequest(request: FastifyRequest, reply: FastifyReply, route: string, ms: number): void {
  const principal = senderOf(request)?.name ?? null;
  const { id: correlationId, method } = request;
  const line = {
    correlation_id: correlationId,
    method,
    route,
    status: reply.statusCode,
    ms: Number(ms.toFixed(3)),
    principal,
  };
  request.log.info(line, 'request');
}
