import { once } from 'node:events';
import { createServer } from 'node:net';
import { SyslogConnection } from './syslog-connection.ts';
import type { ConnectionOptions } from './syslog-connection.ts';

interface TcpOptions extends Omit<ConnectionOptions, 'idleMs'> {
  readonly host: string;
  readonly port: number;
  /** So many messages of a connection that has ended were too long. */
  readonly onCut: (messages: number) => void;
  /** A connection too many was closed. */
  readonly onTurnedAway: () => void;
  readonly onError: (error: Error) => void;
  readonly maxConnections?: number;
  readonly idleMs?: number;
}

const MAX_CONNECTIONS = 256;
const IDLE_MS = 5 * 60_000;

/** Takes the messages of each connection, in their order. Resolves with the way to stop. */
export async function listenTcp(options: TcpOptions): Promise<() => Promise<void>> {
  const { host, port, onCut, onTurnedAway, onError, maxConnections = MAX_CONNECTIONS, idleMs = IDLE_MS } = options;
  const connections = new Map<SyslogConnection, Promise<void>>();
  const follow = async (connection: SyslogConnection): Promise<void> => {
    const cut = await connection.read();
    if (cut > 0) onCut(cut);
    connections.delete(connection);
  };
  const server = createServer((socket) => {
    const connection = new SyslogConnection(socket, { ...options, idleMs });
    connections.set(connection, follow(connection));
  });
  server.maxConnections = maxConnections;
  server.on('drop', onTurnedAway);
  server.listen(port, host);
  // Rejects where the port is taken.
  await once(server, 'listening');
  server.on('error', onError);
  return async () => {
    server.close();
    for (const connection of connections.keys()) connection.stop();
    await Promise.all(connections.values());
  };
}
