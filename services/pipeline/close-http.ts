import type { FastifyInstance } from 'fastify';

/**
 * Requests get their answers, and whoever has not sent all of one after `patienceMs` is cut off. Nothing else would end
 * it: a server that closes looks at its timeouts no more.
 */
export async function closeHttp(http: FastifyInstance, patienceMs: number): Promise<void> {
  const timer = setTimeout(() => http.server.closeAllConnections(), patienceMs);
  await http.close();
  clearTimeout(timer);
}
