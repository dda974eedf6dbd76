import { InvalidOptionError } from '../errors.ts';

/** What the URL of a Redis of several nodes says. */
export interface NodesUrl {
  readonly kind: 'sentinel' | 'cluster';
  readonly tls: boolean;
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Of the Redis servers. */
  readonly username?: string;
  readonly password?: string;
  /** Of the Sentinels, which have users of their own. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  /** What the Sentinels call the primary; '' for a Cluster. */
  readonly name: string;
  /** For people and logs; without credentials. */
  readonly location: string;
}

const FORM =
  /^redis(?<tls>s?)-(?<kind>sentinel|cluster):\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<name>[^@/?#]*))?(?:\?(?<query>[^#]*))?$/i;
const DEFAULT_PORT = { sentinel: 26_379, cluster: 6_379 };
const LOOKS_LIKE = {
  sentinel: 'redis-sentinel://user:password@host:26379,host:26379/mymaster',
  cluster: 'redis-cluster://user:password@host:6379,host:6379',
};

/** True for a URL that names Sentinels, or nodes of a Cluster. */
export function namesNodes(url: string): boolean {
  return /^rediss?-(sentinel|cluster):/i.test(url);
}

/**
 * `redis[s]-sentinel://[[user]:password@]host[:port][,host[:port]…]/name[?sentinelUsername=…&sentinelPassword=…]`, or
 * `redis[s]-cluster://[[user]:password@]host[:port][,host[:port]…]`: several hosts, so it is no URL to Node.
 *
 * @throws InvalidOptionError
 */
export function parseNodesUrl(url: string): NodesUrl {
  const kind = /^rediss?-cluster:/i.test(url) ? 'cluster' : 'sentinel';
  const parts = FORM.exec(url)?.groups;
  if (parts === undefined) throw unreadable(kind);
  const { tls, user, password, hosts = '', name = '', query = '' } = parts;
  if (user !== undefined && user !== '' && (password ?? '') === '')
    throw new InvalidOptionError(`The URL of a Redis ${kind} names a user without a password.`);
  // A plus is a plus here, as before the hosts.
  const sentinels = new URLSearchParams(query.replaceAll('+', '%2B'));
  const known = kind === 'sentinel' ? ['sentinelUsername', 'sentinelPassword'] : [];
  // It is not named: it may be a part of a password.
  if (![...sentinels.keys()].every((key) => known.includes(key))) {
    throw new InvalidOptionError(
      `The URL of a Redis ${kind === 'sentinel' ? 'Sentinel takes sentinelUsername and sentinelPassword behind a ?, and nothing else' : 'Cluster takes nothing behind a ?'}.`,
    );
  }
  if (kind === 'sentinel' && name === '') {
    throw new InvalidOptionError(
      `The URL of a Redis Sentinel ends with what the Sentinels call the primary: ${LOOKS_LIKE.sentinel}.`,
    );
  }
  if (kind === 'cluster' && !['', '0'].includes(name)) {
    throw new InvalidOptionError('A Redis Cluster has database 0 only: leave it out of its URL.');
  }
  const optional = { username: decoded(user, kind), password: decoded(password, kind) };
  const [sentinelUsername, sentinelPassword] = known.map((key) => sentinels.get(key) ?? undefined);
  return {
    kind,
    tls: tls !== '',
    hosts: hosts.split(',').map((text) => address(text, kind)),
    ...given({ ...optional, sentinelUsername, sentinelPassword }),
    name: kind === 'sentinel' ? (decoded(name, kind) ?? '') : '',
    location: `redis${tls === '' ? '' : 's'}-${kind}://${hosts}${kind === 'sentinel' ? `/${name}` : ''}`,
  };
}

/** A host as in any URL: a name, an IPv4 address, or an IPv6 address in brackets. */
function address(text: string, kind: NodesUrl['kind']): NodesUrl['hosts'][number] {
  const parsed = URL.canParse(`http://${text}/`) ? new URL(`http://${text}/`) : null;
  if (parsed === null || text === '' || parsed.username !== '') throw unreadable(kind);
  const port = /:(\d+)$/.exec(text)?.[1] ?? DEFAULT_PORT[kind];
  return { host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function decoded(text: string | undefined, kind: NodesUrl['kind']): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw unreadable(kind);
  }
}

function given(all: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function unreadable(kind: NodesUrl['kind']): InvalidOptionError {
  return new InvalidOptionError(
    `The URL of a Redis ${kind === 'sentinel' ? 'Sentinel' : 'Cluster'} looks like ${LOOKS_LIKE[kind]}; special characters of a password are percent-encoded.`,
  );
}
