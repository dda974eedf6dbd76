import type { Figure } from '../figure.ts';
import { isInstalled } from './peer.ts';
import { peers } from './peers.ts';
import { comparePropagation } from './propagation.ts';
import { compareBentocache, compareClientSideCache } from './read.ts';

/** Ours beside what people use instead, where it is installed; `floor` is theirs. */
export async function comparePeers(quick: boolean): Promise<{ figures: Figure[]; absent: string[] }> {
  const figures: Figure[] = [];
  const absent: string[] = [];
  for (const peer of peers) {
    if (isInstalled(peer.command)) figures.push(...(await comparePropagation(peer, quick)));
    else absent.push(peer.name);
  }
  figures.push(...(await compareClientSideCache()));
  const bentocache = await compareBentocache();
  if (bentocache === null) absent.push('bentocache');
  else figures.push(...bentocache);
  return { figures, absent };
}
