import { setTimeout as sleep } from 'node:timers/promises';
import { rawClient } from '../raw-client.ts';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { freePort } from '../../test/support/free-port.ts';
import { TcpProxy } from '../../test/support/tcp-proxy.ts';
import { Observation, seen } from './observation.ts';
import { PeerServer } from './peer-server.ts';
import type { Peer } from './peer.ts';

const EARLIER_WRITES = 20;
/** Longer than the 5 s for which the guide's cache, and ours, are good. */
const CUT_MS = 6_000;
/** Longer than two heartbeats of NATS. */
const FROZEN_MS = 15_000;
const EMPTY_MS = 7_000;
/** So long is waited for what may never come. */
const PATIENCE_MS = 12_000;

/** What became of one change, and of who reads, in one fault. */
export interface Behaviour {
  readonly peer: string;
  readonly fault: string;
  /** From when the change could be had (the link or the server is back, and it is written) until a read serves it; null: not within 12 s. */
  readonly staleMs: number | null;
  /** Whether who watches was never told of it. */
  readonly missed: boolean;
  /** From the fault until the client says of itself that it may be stale; null: never while the fault lasted. */
  readonly saysSoMs: number | null;
  /** Whether it said that it was current where it was not: at the end of the fault, or later, and did not have the change. */
  readonly isSilent: boolean;
  /** What reads gave while the fault lasted, in order. */
  readonly served: string;
}

interface Scene {
  readonly server: PeerServer;
  readonly proxy: TcpProxy;
  /** Writes by a client of its own, past what is broken. */
  readonly write: (value: string) => Promise<void>;
  /** The same as `redis-cli SET` does it, where the peer is on Redis. */
  readonly writeRaw: (value: string) => Promise<void>;
}

interface Fault {
  readonly name: string;
  /** Breaks something; resolves when it lasted long enough. */
  happen(scene: Scene): Promise<unknown>;
  /** Heals it, and sees to it that the value is `changed` then. */
  heal(scene: Scene): Promise<unknown>;
}

export const faults: readonly Fault[] = [
  {
    name: 'cut',
    async happen({ proxy, write }) {
      proxy.targetPort = await freePort();
      proxy.resetAll();
      await write('changed');
      await sleep(CUT_MS);
    },
    heal: async ({ proxy, server }) => void (proxy.targetPort = server.port),
  },
  {
    name: 'frozen',
    async happen({ server }) {
      server.freeze();
      await sleep(FROZEN_MS);
    },
    async heal({ server, write }) {
      server.thaw();
      await write('changed');
    },
  },
  {
    name: 'emptied',
    async happen({ server }) {
      await server.restartEmpty();
      await sleep(EMPTY_MS);
    },
    heal: ({ write }) => write('changed'),
  },
  {
    name: 'raw',
    happen: async () => {},
    heal: ({ writeRaw }) => writeRaw('changed'),
  },
];

/** Does one fault to a server of the peer, with one client that watches and reads all the time. */
export async function observe(peer: Peer, fault: Fault): Promise<Behaviour> {
  const server = await PeerServer.start(peer);
  const proxy = await TcpProxy.open(server.port);
  proxy.isRaw = true;
  const write = (value: string): Promise<void> => writeOnce(peer, server.port, value);
  for (let n = 1; n < EARLIER_WRITES; n++) await write(`earlier-${n}`);
  await write('before');
  const reader = await peer.connect(proxy.port);
  const told = new Set<string>();
  try {
    await reader.watch((value) => told.add(value));
    await until('it is served what was there before', async () => (await seen(reader)) === 'before');
    await until('it says that it is current', () => reader.saysCurrent());
    const observation = new Observation(reader);
    const writeRaw = (value: string): Promise<void> => writeRawOnce(peer, server.port, value);
    const scene = { server, proxy, write, writeRaw };
    const brokenAtMs = performance.now();
    await fault.happen(scene);
    await observation.stop();
    const isSilentAtEnd = reader.saysCurrent();
    await fault.heal(scene);
    const healedAtMs = performance.now();
    const staleMs = await servedAfterMs(reader, healedAtMs);
    const isTold = await within(healedAtMs, () => told.has('changed'));
    return {
      peer: peer.name,
      fault: fault.name,
      staleMs,
      missed: !isTold,
      saysSoMs: observation.doubtedAtMs === null ? null : observation.doubtedAtMs - brokenAtMs,
      isSilent: isSilentAtEnd || (staleMs === null && reader.saysCurrent()),
      served: [...observation.served].map((one) => (one === 'before' ? 'the last value' : one)).join(', then '),
    };
  } finally {
    reader.close();
    await proxy.close();
    await server.stop();
  }
}

async function writeOnce(peer: Peer, port: number, value: string): Promise<void> {
  const writer = await peer.connect(port);
  await writer.put(value);
  writer.close();
}

async function writeRawOnce(peer: Peer, port: number, value: string): Promise<void> {
  if (peer.redisKey === undefined) return writeOnce(peer, port, value);
  const client = await rawClient(`redis://127.0.0.1:${port}`);
  await client.set(peer.redisKey, value);
  client.destroy();
}

async function servedAfterMs(reader: Parameters<typeof seen>[0], fromMs: number): Promise<number | null> {
  const isServed = await within(fromMs, async () => (await seen(reader)) === 'changed');
  return isServed ? performance.now() - fromMs : null;
}

async function within(fromMs: number, check: () => boolean | Promise<boolean>): Promise<boolean> {
  const leftMs = Math.max(1, fromMs + PATIENCE_MS - performance.now());
  return until('the change is there', check, leftMs).catch(() => false);
}
