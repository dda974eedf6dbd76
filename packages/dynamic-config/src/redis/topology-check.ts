import { ConfigError } from '../errors.ts';
import { ask, configOf } from './examined.ts';
import type { Examined } from './examined.ts';
import { ok, problem, unknown, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { hasHashTag } from './hash-tag.ts';
import type { Reply } from './session.ts';

/** What a Sentinel publishes on, on each Redis that it watches; and so all of them listen to it. */
const HELLO = '__sentinel__:hello';
/** With fewer, one that is gone may keep the others from agreeing on a failover. */
const ENOUGH_SENTINELS = 3;

/**
 * Whether this is one Redis, one of those that Sentinels watch, or a node of a Cluster. Where that is a problem, nothing else
 * can be found here.
 */
export async function checkTopology(examined: Examined): Promise<Finding[]> {
  switch (examined.info.get('redis_mode')) {
    case undefined:
      return [
        unknown('topology', 'Whether this is a Redis of its own, or one of several, may not be asked for (INFO).'),
      ];
    case 'sentinel':
      return [await aSentinel(examined)];
    case 'cluster':
      return [await clusterNode(examined)];
    default:
      return watched(examined);
  }
}

async function aSentinel({ session }: Examined): Promise<Finding> {
  const masters = await ask(session, ['SENTINEL', 'MASTERS']);
  const fields = Array.isArray(masters) ? ((masters as readonly (readonly Reply[])[])[0] ?? []) : [];
  const [name, host, port] = ['name', 'ip', 'port'].map((field) => fields[fields.indexOf(field) + 1]);
  return problem('topology', {
    what: 'This is a Sentinel, not a Redis.',
    why: 'It knows where the settings are, and holds none.',
    fix:
      fields.length === 0
        ? 'Examine the primary: SENTINEL MASTERS names it.'
        : `Examine the primary of ${String(name)}: muttctl doctor --url redis://${String(host)}:${String(port)}. Services connect through Sentinel, see docs/sentinel-and-cluster.md.`,
  });
}

async function clusterNode({ session, namespace }: Examined): Promise<Finding> {
  if (!hasHashTag(namespace.entryPrefix)) {
    return problem('topology', {
      what: `This is a node of a Redis Cluster, and the prefix ${namespace.entryPrefix.slice(0, -1)} has no hash tag.`,
      why: 'The keys of the namespace would be on several nodes, and no change of several keys could be applied as one.',
      fix: 'Use a prefix with a hash tag, such as {mutt}:config, everywhere: --prefix, MUTT_CONFIG_PREFIX, `prefix` of connect',
    });
  }
  const elsewhere = await ownerElsewhere(session, namespace.head);
  if (elsewhere !== null) {
    return problem('topology', {
      what: `This is a node of a Redis Cluster, and the settings are on another one, ${elsewhere}.`,
      why: 'This one can be asked nothing about them.',
      fix: `muttctl doctor --url redis://${elsewhere}`,
    });
  }
  const state = /cluster_state:(\w+)/.exec(String(await ask(session, ['CLUSTER', 'INFO'])))?.[1];
  if (state === undefined || state === 'ok') {
    return ok(
      'topology',
      'This is the node of a Redis Cluster that has the settings; services connect through a Cluster client.',
    );
  }
  return problem('topology', {
    what: `The Redis Cluster of this node is down (cluster_state ${state}).`,
    why: 'It refuses reads and changes.',
    fix: 'See CLUSTER NODES for what has failed: redis-cli --cluster check <host>:<port>',
  });
}

/** The node that has a key, by the word of this one; null: this one has it. */
async function ownerElsewhere(session: Examined['session'], key: string): Promise<string | null> {
  try {
    await session.send(['TYPE', key]);
    return null;
  } catch (error) {
    const moved = error instanceof ConfigError && error.cause instanceof Error ? error.cause.message : '';
    const address = /^MOVED \d+ (\S+)/.exec(moved)?.[1];
    if (address !== undefined) return address;
    // Other checks tell of what keeps the key from being asked for.
    if (session.isOpen) return null;
    throw error;
  }
}

async function watched(examined: Examined): Promise<Finding[]> {
  const { session, info } = examined;
  const [, sentinels] = ((await ask(session, ['PUBSUB', 'NUMSUB', HELLO])) ?? []) as readonly Reply[];
  const replicas = Number(info.get('connected_slaves') ?? 0);
  const isPrimary = info.get('role') === 'master';
  if (sentinels === undefined) {
    return [unknown('topology', 'Whether Sentinels watch this Redis may not be asked for (PUBSUB NUMSUB).')];
  }
  const count = Number(sentinels);
  const what = `${count === 1 ? 'One Sentinel watches' : `${count} Sentinels watch`} this ${isPrimary ? `primary of ${replicas === 1 ? 'one replica' : `${replicas} replicas`}` : 'replica'}`;
  if (count === 0) {
    const following = isPrimary ? `, with ${replicas === 1 ? 'one replica' : `${replicas} replicas`}` : '';
    return [ok('topology', `This is a Redis without Sentinel or Cluster${following}.`)];
  }
  const topology =
    count >= ENOUGH_SENTINELS
      ? ok('topology', `${what}; services connect through Sentinel, not to this address.`)
      : warning('topology', {
          what: `${what}.`,
          why: 'When one is gone, there may be no failover: a majority of them has to agree.',
          fix: 'Run three Sentinels or more, each on a machine of its own.',
        });
  return isPrimary ? [topology, ...(await writesAlone(examined, replicas))] : [topology];
}

/** Whether a primary that is cut off goes on taking changes, which the failover then loses. */
async function writesAlone({ session }: Examined, replicas: number): Promise<Finding[]> {
  const least = await configOf(session, 'min-replicas-to-write');
  if (least === null) {
    return [
      unknown('min-replicas', 'Whether a primary without replicas takes changes may not be asked for (CONFIG GET).'),
    ];
  }
  if (least !== '0') return [ok('min-replicas', `Changes are taken with ${least} replicas at least.`)];
  // With one replica only, its loss would end all changes: that is for the operator to weigh.
  if (replicas < 2) return [];
  return [
    warning('min-replicas', {
      what: 'A primary that is cut off from its replicas goes on taking changes (min-replicas-to-write 0).',
      why: 'They are acknowledged, and lost when Sentinel promotes a replica.',
      fix: 'On each of the Redis servers: CONFIG SET min-replicas-to-write 1 min-replicas-max-lag 10, then CONFIG REWRITE',
    }),
  ];
}
