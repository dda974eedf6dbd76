import { isDeepStrictEqual } from 'node:util';
import type { Head } from '@mutt/dynamic-config';
import { RedisStore } from '@mutt/dynamic-config/redis';
import { until } from '@mutt/dynamic-config/testing';
import { startChild } from '../support/child.ts';
import { PREFIX } from './failover-load.ts';
import type { Acknowledged, FailoverLoad, Route } from './failover-load.ts';

/** Where an instance stands. */
interface Standing {
  readonly head: Head;
  readonly state: string;
  readonly values: Readonly<Record<string, string>>;
}

/** An instance in a process of its own. */
export interface Remote {
  standing(): Promise<Standing>;
  end(): Promise<unknown>;
}

export async function startRemote(route: Route): Promise<Remote> {
  const child = await startChild(new URL('failover-service.ts', import.meta.url), [JSON.stringify(route)]);
  await until('it is ready', () => child.lines.length > 0);
  return {
    async standing() {
      const seen = child.lines.length;
      child.process.stdin?.write('?\n');
      await until('it says where it stands', () => child.lines.length > seen);
      return JSON.parse(child.lines.at(-1) ?? '') as Standing;
    },
    end: () => child.end('SIGKILL'),
  };
}

/** What the tests do with the nodes, whichever way they are organized. */
export interface Fleet<Node> {
  /** Whom clients are to write to, by the word of who decides it. */
  readonly primaryNow: () => Promise<Node>;
  /** What a node prints for `CLIENT LIST`. */
  readonly clientsOf: (node: Node) => Promise<string>;
}

/** Our connections, of a list of clients: all of them, or those that listen. */
export function ours(clients: string, { listening }: { readonly listening: boolean }): number {
  const lines = clients.split('\n').filter((line) => line.includes(' name=mutt-dynamic-config'));
  return listening ? lines.filter((line) => !line.includes(' sub=0 ')).length : lines.length;
}

/** Resolves with another primary to which all listen, when all are live. There may be one more failover on the way. */
export async function allFollowAnother<Node>(
  old: Node,
  { primaryNow, clientsOf }: Fleet<Node>,
  { configs }: FailoverLoad,
  remote: Remote,
): Promise<Node> {
  let told = '';
  const follow = async (): Promise<Node | null> => {
    const primary = await primaryNow();
    if (primary === old) return null;
    const listeners = ours(await clientsOf(primary), { listening: true });
    const states = [...configs.map((config) => config.status().state), (await remote.standing()).state];
    told = `${listeners} listen there, the states are ${states.join(', ')}`;
    return listeners === states.length && states.every((state) => state === 'live') ? primary : null;
  };
  return until('all listen to another primary, and are live', follow, 30_000).catch((cause: unknown) => {
    throw new Error(`${String(cause)}: ${told}`, { cause });
  });
}

/** Where confirmed changes are lost, instances follow the store back. Where none are, they never go back. */
export function unexpected(violations: readonly string[], lost: number): readonly string[] {
  return lost === 0 ? violations : violations.filter((what) => !/^M: .* went back from /.test(what));
}

/** What the node that is written to by now holds. */
export interface Holding {
  readonly head: Head;
  readonly values: Readonly<Record<string, string>>;
  /** Of each change set of its log. */
  readonly requestIds: readonly (string | null)[];
}

/** @param url of that node */
export async function holdingOf(url: string): Promise<Holding> {
  const store = RedisStore.open(url, { prefix: PREFIX });
  try {
    const { head, entries } = await store.load();
    const requestIds: (string | null)[] = [];
    for await (const { requestId } of store.history({ afterRevision: 0 })) requestIds.push(requestId);
    const values = Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
    return { head, values, requestIds };
  } finally {
    await store.close();
  }
}

/** Resolves when all instances are live, and serve what the node holds, at its head; with how long that took. */
export async function allAgreeWith(
  holding: Holding,
  { configs }: FailoverLoad,
  remote: Remote,
  withinMs = 10_000,
): Promise<number> {
  const startedAtMs = performance.now();
  const agrees = ({ head, state, values }: Standing): boolean =>
    state === 'live' &&
    isDeepStrictEqual({ ...head }, { ...holding.head }) &&
    isDeepStrictEqual(values, holding.values);
  for (const [n, config] of configs.entries()) {
    const standing = (): Standing => ({
      head: config.head,
      state: config.status().state,
      values: { ...config.getAll() },
    });
    await until(`instance ${n} serves what is stored`, () => agrees(standing()), withinMs).catch((cause: unknown) => {
      const { head, state } = standing();
      throw new Error(`Instance ${n} is ${state} at ${JSON.stringify(head)}, not at ${JSON.stringify(holding.head)}`, {
        cause,
      });
    });
  }
  await until('the one in another process, too', async () => agrees(await remote.standing()), withinMs);
  return performance.now() - startedAtMs;
}

/** What was confirmed, and is not there any more. */
export function lostOf(acknowledged: readonly Acknowledged[], { requestIds }: Holding): Acknowledged[] {
  const kept = new Set(requestIds);
  return acknowledged.filter(({ requestId }) => !kept.has(requestId));
}

/** Request ids that were applied more than once. */
export function repeatedOf({ requestIds }: Holding): (string | null)[] {
  return requestIds.filter((id, n) => id !== null && requestIds.indexOf(id) !== n);
}
