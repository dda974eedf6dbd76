import { StoreUnavailableError } from '../errors.ts';
import type { ClusterClient, ClusterNode, StandaloneClient } from './node-redis-client.ts';
import { within } from './within.ts';

/** How to reach a node: its client, or what to put into the options of another one's. */
export interface Owner {
  readonly client: Pick<StandaloneClient, 'options'>;
  readonly at?: { readonly host: string; readonly port: number };
}

/** A key by which the slot of a namespace is found; all others are in the same one. */
export interface OwnedBy {
  readonly key: string;
  /** Once it is known: a prefix never changes its slot. */
  slot: number | null;
}

/** From the first slot to the last one, their master, and replicas. */
type Range = readonly [first: number, last: number, master: readonly [host: string | null, port: number]];

/** The master of a namespace's slot, as a Cluster client knows it, or else as the other masters do. */
export async function ownerOf(client: ClusterClient, owned: OwnedBy, timeoutMs: number): Promise<Owner> {
  const late = (): Error =>
    new StoreUnavailableError('The node of the Redis Cluster that has the keys does not answer.');
  // What is needed takes two questions; and time has to be left for those who are asked instead.
  try {
    return await within(askedOfOwner(client, owned), timeoutMs / 2, late);
  } catch (error) {
    // A driver waits for ever for a node that is frozen, or gone without a word; the others know whose the slot is by now.
    const silent = owned.slot === null ? undefined : client.slots[owned.slot]?.master;
    const others = [...new Set(client.slots.map(({ master }) => master))].filter((node) => node !== silent);
    const owner = await within(firstAnswer(client, others, owned), timeoutMs / 2, late).catch(() => null);
    if (owner === null || (owner.at !== undefined && isAt(silent, owner.at))) throw error;
    return owner;
  }
}

async function askedOfOwner(client: ClusterClient, owned: OwnedBy): Promise<Owner> {
  // Follows a redirection, if the keys have moved: the client then knows the slots anew.
  await client.sendCommand(owned.key, false, ['TYPE', owned.key]);
  owned.slot ??= Number(await client.sendCommand(owned.key, false, ['CLUSTER', 'KEYSLOT', owned.key]));
  const master = client.slots[owned.slot]?.master;
  if (master === undefined) throw new StoreUnavailableError(`No node of the Redis Cluster has the slot ${owned.slot}.`);
  return { client: await client.nodeClient(master as never) };
}

function firstAnswer(client: ClusterClient, nodes: readonly ClusterNode[], owned: OwnedBy): Promise<Owner | null> {
  return Promise.any(nodes.map(async (node) => askedOf(await client.nodeClient(node as never), owned)));
}

async function askedOf(node: StandaloneClient, owned: OwnedBy): Promise<Owner | null> {
  owned.slot ??= Number(await node.sendCommand(['CLUSTER', 'KEYSLOT', owned.key]));
  const { slot } = owned;
  const ranges = (await node.sendCommand(['CLUSTER', 'SLOTS'])) as readonly Range[];
  const range = ranges.find(([first, last]) => first <= slot && slot <= last);
  if (range === undefined) return null;
  const [host, port] = range[2];
  // Without an address it is the node itself.
  return host === null || host === '' ? { client: node } : { client: node, at: { host, port } };
}

function isAt(
  node: ClusterNode | undefined,
  { host, port }: { readonly host: string; readonly port: number },
): boolean {
  return node?.host === host && node.port === port;
}
