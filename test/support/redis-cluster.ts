import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { freePort } from './free-port.ts';
import { redisCli, startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';

const run = promisify(execFile);

/** A Redis Cluster of three masters, without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** What `redis-cli -c` prints: it goes to the node that has the key. */
  cli(...args: string[]): Promise<string>;
  /** The node that has the slot of a key. */
  ownerOf(key: string): Promise<RedisServer>;
  /** Moves the slot of a key, with all that is in it, to another node. */
  moveSlotOf(key: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all([startNode(), startNode(), startNode()]);
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes', '--cluster-replicas', '0']);
  for (const node of nodes) {
    await until('the cluster is up', async () => (await node.cli('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  }
  const port = nodes[0]?.port ?? 0;
  const ownerOf = async (key: string): Promise<RedisServer> => {
    for (const node of nodes) if (!(await node.cli('TYPE', key)).startsWith('MOVED')) return node;
    throw new Error(`No node has ${key}`);
  };
  return {
    nodes,
    cli: (...args) => redisCli(port, '-c', ...args),
    ownerOf,
    async moveSlotOf(key) {
      const slot = await nodes[0]?.cli('CLUSTER', 'KEYSLOT', key);
      const from = await ownerOf(key);
      const to = nodes.find((node) => node !== from);
      if (slot === undefined || to === undefined) throw new Error('The cluster has one node only');
      const [fromId, toId] = [await from.cli('CLUSTER', 'MYID'), await to.cli('CLUSTER', 'MYID')];
      await to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
      await from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
      const keys = (await from.cli('CLUSTER', 'GETKEYSINSLOT', slot, '1000')).split('\n').filter((name) => name !== '');
      if (keys.length > 0) await from.cli('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys);
      for (const node of [to, ...nodes]) await node.cli('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function startNode(): Promise<RedisServer> {
  // By default the bus is 10,000 ports above, which may be past the last one.
  return startRedis('--cluster-enabled', 'yes', '--cluster-port', String(await freePort()));
}
