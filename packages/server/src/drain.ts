import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long a request under way may take to end. */
const DRAIN_MS = 5_000;

/** How to end a server that does not listen yet: requests under way are answered, what nobody uses is closed at once. */
export function drainOf(app: FastifyInstance): () => Promise<void> {
  /** The connections on which no request has come yet: Node takes them for busy. */
  const silent = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  app.server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  return async () => {
    const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
    for (const socket of silent) socket.destroy();
    await app.close();
    clearTimeout(cut);
  };
}
