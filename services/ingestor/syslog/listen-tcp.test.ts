import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { until } from '@mutt/dynamic-config/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { listenTcp } from './listen-tcp.ts';

let port: number;
let messages: string[];
let sockets: Socket[];
let stop: () => Promise<void>;

beforeEach(async () => {
  port = await freePort();
  messages = [];
  sockets = [];
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await stop();
});

interface Listening {
  readonly idleMs?: number;
  readonly maxConnections?: number;
  readonly onMessage?: (message: Buffer) => Promise<void>;
  readonly onTurnedAway?: () => void;
  readonly onCut?: (messages: number) => void;
}

async function listen({ onMessage, ...options }: Listening = {}): Promise<void> {
  stop = await listenTcp({
    host: '127.0.0.1',
    port,
    longest: 100,
    onCut: () => {},
    onTurnedAway: () => {},
    onError: () => {},
    onMessage: onMessage ?? (async (message) => void messages.push(message.toString())),
    ...options,
  });
}

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

test('a connection on which nothing comes is closed, and the beginning of its last message is kept', async () => {
  await listen({ idleMs: 50 });
  const socket = await open();
  socket.write('half a mess');
  await once(socket.resume(), 'close');
  await until('its message is kept', () => messages.length === 1);
  expect(messages).toEqual(['half a mess']);
});

test('a connection that has to wait for us is not idle, and not read from', async () => {
  const begun: string[] = [];
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await listen({
    idleMs: 50,
    async onMessage(message) {
      begun.push(message.toString());
      await released;
    },
  });
  const socket = await open();
  socket.write('one\n');
  await until('it waits', () => begun.length === 1);
  let isWritten = false;
  // More than all buffers between us hold.
  socket.write(`${'x'.repeat(99)}\n`.repeat(100_000), () => (isWritten = true));
  // Others come and go meanwhile, often enough for it to be read, and to be idle.
  for (let others = 1; others <= 100; others++) {
    (await open()).end('other\n');
    await until('another one is read', () => begun.length === 1 + others);
  }
  expect(isWritten).toBe(false);
  expect(new Set(begun)).toEqual(new Set(['one', 'other']));
  release();
  await until('all is read', () => begun.length === 1 + 100 + 100_000);
});

test('a connection too many is turned away, and there is room again when one ends', async () => {
  let turnedAway = 0;
  await listen({ maxConnections: 1, onTurnedAway: () => turnedAway++ });
  const first = await open();
  first.write('first\n');
  await until('it is read', () => messages.length === 1);
  const second = await open();
  second.resume();
  await once(second, 'close');
  expect(turnedAway).toBe(1);
  first.end();
  await until('another one is let in', async () => {
    const next = await open();
    next.end('next\n');
    await once(next.resume(), 'close');
    return messages.includes('next');
  });
});

test('a message too long is cut and counted, and a connection that is reset ends only itself', async () => {
  let cut = 0;
  await listen({ onCut: (count) => (cut += count) });
  const rude = await open();
  rude.write('x'.repeat(1_000));
  await until('it is read', () => messages.length === 1);
  rude.resetAndDestroy();
  await until('it is counted', () => cut === 1);
  expect(messages).toEqual(['x'.repeat(100)]);
  const polite = await open();
  polite.end('fine\n');
  await until('the other one is read', () => messages.includes('fine'));
});

test('stopping takes what has come, and closes connections that are silent', async () => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let begun = 0;
  await listen({
    async onMessage(message) {
      begun++;
      await released;
      messages.push(message.toString());
    },
  });
  const silent = await open();
  const busy = await open();
  busy.write('one\n');
  await until('it works', () => begun === 1);
  busy.write('two\nthree');
  const closed = once(silent.resume(), 'close');
  const stopped = stop();
  await closed;
  expect(messages).toEqual([]);
  release();
  await stopped;
  stop = async () => {};
  expect(messages).toEqual(['one', 'two', 'three']);
});
