import { parseInstanceName, CLIENT_NAME } from '../instance-name.ts';
import { ask } from './examined.ts';
import type { RedisNamespace } from './namespace.ts';
import type { RedisSession } from './session.ts';

/** An instance that listens to a namespace. */
export interface ConnectedInstance {
  /** Random for each that says who it is; otherwise that of its connection. */
  readonly id: string;
  /** null: a version of this library that doesn't say, like all else that is null. */
  readonly service: string | null;
  readonly version: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  /** As Redis sees it. */
  readonly address: string | null;
  readonly connectedForS: number;
}

/** Who listens to a namespace. */
export interface Listeners {
  /** The longest connected first. */
  readonly instances: readonly ConnectedInstance[];
  /** How many instances there are, also of those that are not listed; null: it may not be asked. */
  readonly count: number | null;
  /** Legacy peers, and whoever else subscribed to the channel of updates; null: it may not be asked. */
  readonly otherSubscribers: number | null;
  /** Why this is not all, as a sentence; null: it is. */
  readonly incomplete: string | null;
}

/** Listed; more are only counted. */
const MOST_INSTANCES = 1_000;

/** Who listens to a namespace, as far as one may ask. Changes nothing. */
export async function listListeners(session: RedisSession, namespace: RedisNamespace): Promise<Listeners> {
  const counts = await ask(session, ['PUBSUB', 'NUMSUB', namespace.changes, namespace.updates]);
  const list = await ask(session, ['CLIENT', 'LIST', 'TYPE', 'pubsub']);
  const count = Array.isArray(counts) ? Number(counts[1]) : null;
  const otherSubscribers = Array.isArray(counts) ? Math.max(0, Number(counts[3]) - Number(counts[1])) : null;
  const found = typeof list === 'string' ? instancesIn(list, namespace, count ?? 0) : [];
  return {
    instances: found.slice(0, MOST_INSTANCES),
    count: count ?? (typeof list === 'string' ? found.length : null),
    otherSubscribers,
    incomplete: whyIncomplete({ isListed: typeof list === 'string', isCounted: count !== null, found: found.length }),
  };
}

interface Client {
  readonly fields: ReadonlyMap<string, string>;
  readonly name: string;
}

function instancesIn(list: string, { prefix, database }: RedisNamespace, count: number): ConnectedInstance[] {
  const clients = list.split('\n').flatMap((line) => toClient(line, database));
  const named = clients.flatMap(({ fields, name }) => {
    const instance = parseInstanceName(name);
    if (instance === null || instance.prefix !== prefix) return [];
    const { prefix: _, ...who } = instance;
    return [{ ...who, ...whereabouts(fields) }];
  });
  // Those of older versions don't say of which namespace they are: as many as are missing may be of this one.
  const unnamed = clients
    .filter(({ fields, name }) => name === CLIENT_NAME && Number(fields.get('sub')) >= 2)
    .map(({ fields }) => ({
      id: `client-${fields.get('id') ?? ''}`,
      service: null,
      version: null,
      host: null,
      pid: null,
      ...whereabouts(fields),
    }));
  return [...named, ...unnamed.slice(0, Math.max(0, count - named.length))].toSorted(
    (a, b) => b.connectedForS - a.connectedForS,
  );
}

/** A line of `CLIENT LIST`: `id=3 addr=127.0.0.1:55062 name=… age=8 db=0 sub=2 …`. */
function toClient(line: string, database: number): Client[] {
  const fields = new Map(
    line.split(' ').map((field): [string, string] => {
      const equals = field.indexOf('=');
      return [field.slice(0, equals), field.slice(equals + 1)];
    }),
  );
  return fields.get('db') === String(database) ? [{ fields, name: fields.get('name') ?? '' }] : [];
}

function whereabouts(fields: ReadonlyMap<string, string>): Pick<ConnectedInstance, 'address' | 'connectedForS'> {
  return { address: fields.get('addr') || null, connectedForS: Number(fields.get('age')) || 0 };
}

function whyIncomplete(known: { isListed: boolean; isCounted: boolean; found: number }): string | null {
  if (!known.isListed) return 'The user of this connection may not list who is connected: grant it +client|list.';
  if (!known.isCounted) return 'The user of this connection may not ask who is subscribed: grant it +pubsub|numsub.';
  if (known.found > MOST_INSTANCES)
    return `${known.found} instances are connected, of which ${MOST_INSTANCES} are listed.`;
  return null;
}
