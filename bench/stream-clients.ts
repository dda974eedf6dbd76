import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { rawGet } from './http-server.ts';

const CONNECT_AT_ONCE = 50;

/** Opens event streams, as bytes, and waits until each has begun. `onData` is told what comes after that. */
export async function openStreams(url: URL, count: number, onData: (text: string) => void): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Math.min(CONNECT_AT_ONCE, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: batch }, () => openStream(url, onData)))));
  }
  return sockets;
}

async function openStream(url: URL, onData: (text: string) => void): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname).setNoDelay();
  await once(socket, 'connect');
  socket.write(rawGet(url, '/api/v1/events'));
  let text = '';
  while (!text.includes('event: connected')) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    text += bytes.toString();
  }
  socket.on('data', (bytes) => onData(bytes.toString()));
  return socket;
}
