import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../figure.ts';
import { Listeners } from '../listeners.ts';
import { PeerServer } from './peer-server.ts';
import type { Peer, PeerConnection } from './peer.ts';

/** Milliseconds from just before a write until the last watcher was told. */
export interface Speed {
  readonly p50: number;
  readonly p99: number;
}

interface Plan {
  readonly processes: number;
  /** Watchers of each peer in each of the processes. */
  readonly watchers: number;
  readonly rounds: number;
  readonly warmUpRounds: number;
  /** Between rounds: what a change leaves to do in a watcher is no part of the way of the next one. */
  readonly pauseMs: number;
}

/** All peers in alternation, in one run: what keeps the machine busy meets each of them. */
export async function measureSpeed(peers: readonly Peer[], plan: Plan): Promise<Map<string, Speed>> {
  const servers = await Promise.all(peers.map((peer) => PeerServer.start(peer)));
  const writers = await Promise.all(peers.map((peer, n) => peer.connect(servers[n]?.port ?? 0)));
  // A first value: there is something to start from.
  await Promise.all(writers.map((writer) => writer.put('first')));
  const addresses = peers.map((peer, n) => `${peer.name}:${servers[n]?.port}`);
  const module = 'peers/listener-process.ts';
  const listeners = await Listeners.start({ processes: plan.processes, module }, String(plan.watchers), ...addresses);
  try {
    return await alternate(peers, writers, listeners, plan);
  } finally {
    await listeners.stop();
    for (const writer of writers) writer.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function alternate(
  peers: readonly Peer[],
  writers: readonly PeerConnection[],
  listeners: Listeners,
  { rounds, warmUpRounds, pauseMs }: Plan,
): Promise<Map<string, Speed>> {
  const samples = peers.map((): number[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [n, writer] of writers.entries()) {
      const took = await listeners.timed(`${peers[n]?.name}-${round}`, (id) => writer.put(id));
      if (round >= 0) samples[n]?.push(took);
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }
  const speeds = samples.map((all) => ({ p50: quantile(all, 0.5), p99: quantile(all, 0.99) }));
  return new Map(peers.map(({ name }, n) => [name, speeds[n] ?? { p50: Number.NaN, p99: Number.NaN }]));
}
