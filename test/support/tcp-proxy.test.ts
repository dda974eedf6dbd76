import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { dropPushes } from './push-faults.ts';
import { startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';
import { TcpProxy } from './tcp-proxy.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** A bare connection through a proxy, that speaks RESP3, and what it received. */
async function dial(): Promise<{
  proxy: TcpProxy;
  socket: Socket;
  received: () => string;
  ended: () => string | null;
}> {
  const proxy = await TcpProxy.open(redis.port);
  const socket = connect(proxy.port, '127.0.0.1');
  let text = '';
  let end: string | null = null;
  socket.on('data', (piece: Buffer) => (text += piece.toString()));
  socket.on('end', () => (end ??= 'FIN')).on('error', (error: NodeJS.ErrnoException) => (end ??= error.code ?? ''));
  socket.write(command('HELLO', '3'));
  await until('the handshake', () => text.startsWith('%'));
  text = '';
  return { proxy, socket, received: () => text, ended: () => end };
}

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

describe('the proxy', () => {
  it('passes bytes both ways, and tells which command a reply answers, whatever was pushed', async () => {
    const { proxy, socket, received } = await dial();
    const answered: string[] = [];
    proxy.filter = ({ bytes, push, command: [name = ''] }) => {
      answered.push(push ?? name);
      return [bytes];
    };
    socket.write(command('subscribe', 'c') + command('ECHO', 'ä') + command('PUBLISH', 'c', 'x') + command('PING'));
    await until('the last reply', () => received().includes('PONG'));
    expect(answered).toEqual(['subscribe', 'ECHO', 'message', 'PUBLISH', 'PING']);
    expect(received()).toContain('$2\r\nä\r\n');
    await proxy.close();
  });

  it('delays one way, and holds it until it is released', async () => {
    const { proxy, socket, received } = await dial();
    proxy.toClient.delayMs = 80;
    const sentAtMs = performance.now();
    socket.write(command('PING'));
    await until('the reply', () => received() === '+PONG\r\n');
    expect(performance.now() - sentAtMs).toBeGreaterThanOrEqual(79);
    proxy.toClient.delayMs = 0;
    proxy.hold(proxy.toServer);
    socket.write(command('SET', 'held', '1'));
    // Later than it, on another connection.
    expect(await redis.cli('GET', 'held')).toBe('');
    proxy.hold(proxy.toServer, false);
    await until('the reply', () => received() === '+PONG\r\n+OK\r\n');
    await proxy.close();
  });

  it('swallows one reply, cuts another, and resets', async () => {
    const swallowing = await dial();
    const swallowed = swallowing.proxy.swallowReply(({ command: [name] }) => name === 'INCR');
    swallowing.socket.write(command('INCR', 'n') + command('GET', 'n'));
    await swallowed;
    await until('the other reply', () => swallowing.received() === '$1\r\n1\r\n');
    swallowing.proxy.resetAll();
    await until('the reset', () => swallowing.ended() === 'ECONNRESET');
    await swallowing.proxy.close();

    const cutting = await dial();
    const cut = cutting.proxy.truncateReply(() => true);
    cutting.socket.write(command('ECHO', '12345678'));
    await cut;
    await until('the end', () => cutting.ended() === 'FIN');
    expect(cutting.received()).toBe('$8\r\n123');
    await cutting.proxy.close();
  });

  it('loses a reply with its connection, and lets nothing through that came with it', async () => {
    const losing = await dial();
    losing.proxy.loseReply(({ command: [name] }) => name === 'INCR');
    losing.socket.write(command('INCR', 'm') + command('GET', 'm'));
    await until('the reset', () => losing.ended() === 'ECONNRESET');
    expect(losing.received()).toBe('');
    expect(await redis.cli('GET', 'm')).toBe('1');
    await losing.proxy.close();
  });

  it('drops pushes, and nothing else', async () => {
    const { proxy, socket, received } = await dial();
    proxy.filter = dropPushes(2);
    const publish = (message: string): string => command('PUBLISH', 'd', message);
    socket.write(command('SUBSCRIBE', 'd') + ['one', 'two', 'three', 'four'].map(publish).join('') + command('PING'));
    await until('the last reply', () => received().includes('PONG'));
    expect(['one', 'two', 'three', 'four'].map((message) => received().includes(message))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    await proxy.close();
  });
});
