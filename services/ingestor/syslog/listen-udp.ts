import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

interface UdpOptions {
  readonly host: string;
  readonly port: number;
  readonly onMessage: (message: Buffer, sender: string) => void;
  readonly onError: (error: Error) => void;
}

/** What the kernel keeps of a burst while we are busy; it may grant less. */
const RECEIVE_BYTES = 4 * 1024 * 1024;

/** Each datagram is a message. Resolves with the way to stop. */
export async function listenUdp({ host, port, onMessage, onError }: UdpOptions): Promise<() => Promise<void>> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BYTES });
  socket.on('message', (message, { address }) => onMessage(message, address));
  socket.bind(port, host);
  // Rejects where the port is taken.
  await once(socket, 'listening');
  socket.on('error', onError);
  return async () => {
    socket.close();
    await once(socket, 'close');
  };
}
