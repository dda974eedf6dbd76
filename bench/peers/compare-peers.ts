import { atMost } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { faults, observe } from './faults.ts';
import type { Behaviour } from './faults.ts';
import { ours } from './ours.ts';
import { isInstalled } from './peer.ts';
import { peers } from './peers.ts';
import { bentocacheReadNs, clientSideCacheReadNs, readNs } from './read.ts';
import { measureSpeed } from './speed.ts';
import type { Speed } from './speed.ts';

/** Watchers of each peer, in as many processes. */
const FAN_OUT = { processes: 4, watchers: 25 };

/** Ours beside what people use instead, where it is installed; `floor` is theirs. */
export interface Comparison {
  readonly figures: readonly Figure[];
  readonly behaviours: readonly Behaviour[];
  readonly absent: readonly string[];
}

export const NOTHING_COMPARED: Comparison = { figures: [], behaviours: [], absent: [] };

export async function comparePeers(quick: boolean): Promise<Comparison> {
  const present = peers.filter(isInstalled);
  const absent = peers.filter((peer) => !isInstalled(peer)).map(({ name }) => name);
  const all = [ours, ...present];

  const rounds = quick ? 200 : 1_000;
  const one = { processes: 1, watchers: 1, rounds, warmUpRounds: 300, pauseMs: 0 };
  const propagation = await measureSpeed(all, one);
  const many = { ...FAN_OUT, rounds: quick ? 30 : 200, warmUpRounds: 20, pauseMs: 10 };
  const fanOut = await measureSpeed(all, many);

  const reads = new Map<string, number>();
  for (const peer of all) reads.set(peer.name, await readNs(peer));
  reads.set('client_side_cache', await clientSideCacheReadNs());
  const bentocache = await bentocacheReadNs();
  if (bentocache === null) absent.push('bentocache');
  else reads.set('bentocache', bentocache);

  // They wait, nearly all of the time: the peers beside each other, the faults one after the other.
  const behaviours = await Promise.all(all.map(observeAll));
  return {
    figures: [
      ...speedFigures('propagation', propagation),
      ...speedFigures(`fanout_${FAN_OUT.processes * FAN_OUT.watchers}`, fanOut),
      ...readFigures(reads),
    ],
    behaviours: behaviours.flat(),
    absent,
  };
}

async function observeAll(peer: (typeof peers)[number]): Promise<Behaviour[]> {
  const observed: Behaviour[] = [];
  for (const fault of faults) observed.push(await observe(peer, fault));
  return observed;
}

function speedFigures(what: string, speeds: ReadonlyMap<string, Speed>): Figure[] {
  const our = speeds.get(ours.name);
  return [...speeds].flatMap(([name, their]) => {
    if (our === undefined || name === ours.name) return [];
    return (['p50', 'p99'] as const).map((quantile) =>
      atMost(1, { name: `peer_${name}_${what}_${quantile}`, unit: 'ms', ours: our[quantile], floor: their[quantile] }),
    );
  });
}

function readFigures(reads: ReadonlyMap<string, number>): Figure[] {
  const our = reads.get(ours.name) ?? Number.NaN;
  return [...reads].flatMap(([name, floor]) =>
    name === ours.name ? [] : [atMost(1, { name: `peer_${name}_read`, unit: 'ns', ours: our, floor })],
  );
}
