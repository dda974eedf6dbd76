import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { freePort } from './free-port.ts';
import { redisCli, startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';

const run = promisify(execFile);

/** A Redis Cluster of three masters, with or without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** What `redis-cli -c` prints: it goes to the node that has the key. */
  cli(...args: string[]): Promise<string>;
  /** The node that has the slot of a key, by the word of the first of these nodes. */
  ownerOf(key: string, by?: readonly RedisServer[]): Promise<RedisServer>;
  /** The replicas of a node, by their own word. */
  replicasOf(node: RedisServer): Promise<RedisServer[]>;
  /** Moves the slot of a key, with all that is in it, to another master: so many keys at a time. */
  moveSlotOf(key: string, atOnce?: number): Promise<void>;
  /** Resolves when each of the nodes finds the cluster, and its replication, in order. */
  isComplete(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly replicasOfEach?: number;
  /** For each of the nodes. */
  readonly redisArgs?: readonly string[];
}

export async function startCluster({ replicasOfEach = 0, redisArgs = [] }: ClusterOptions = {}): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 3 * (1 + replicasOfEach) }, () => startNode(redisArgs)));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const replicas = ['--cluster-replicas', String(replicasOfEach)];
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes', ...replicas]);
  const port = nodes[0]?.port ?? 0;
  const mastersBy = async (node: RedisServer): Promise<{ node: RedisServer; slots: string[] }[]> =>
    (await node.cli('CLUSTER', 'NODES')).split('\n').flatMap((line) => {
      const [, address = '', flags = '', , , , , , ...slots] = line.split(' ');
      const found = nodes.find((one) => address.startsWith(`127.0.0.1:${one.port}@`));
      return found !== undefined && /\bmaster\b/.test(flags) && !/fail/.test(flags) ? [{ node: found, slots }] : [];
    });
  const cluster: RedisCluster = {
    nodes,
    cli: (...args) => redisCli(port, '-c', ...args),
    async ownerOf(key, by = nodes) {
      const [asked] = by;
      if (asked === undefined) throw new Error('There is no node to ask');
      const slot = Number(await asked.cli('CLUSTER', 'KEYSLOT', key));
      const owner = (await mastersBy(asked)).find(({ slots }) => slots.some((range) => isIn(slot, range)));
      if (owner === undefined) throw new Error(`No node has ${key}`);
      return owner.node;
    },
    async replicasOf(node) {
      const roles = await Promise.all(nodes.map(async (one) => [one, await one.cli('ROLE')] as const));
      return roles.flatMap(([one, role]) => (role.startsWith(`slave\n127.0.0.1\n${node.port}\n`) ? [one] : []));
    },
    async moveSlotOf(key, atOnce = 1_000) {
      const from = await cluster.ownerOf(key);
      const slot = await from.cli('CLUSTER', 'KEYSLOT', key);
      const masters = (await mastersBy(from)).map(({ node }) => node);
      const to = masters.find((node) => node !== from);
      if (to === undefined) throw new Error('The cluster has one master only');
      const [fromId, toId] = [await from.cli('CLUSTER', 'MYID'), await to.cli('CLUSTER', 'MYID')];
      await to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
      await from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
      for (;;) {
        const keys = await from.cli('CLUSTER', 'GETKEYSINSLOT', slot, String(atOnce));
        if (keys === '') break;
        await from.cli('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys.split('\n'));
      }
      for (const node of [to, ...masters]) await node.cli('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    },
    async isComplete() {
      for (const node of nodes) {
        const isUp = async (): Promise<boolean> =>
          (await node.cli('CLUSTER', 'INFO')).includes('cluster_state:ok') &&
          !/fail|handshake/.test(await node.cli('CLUSTER', 'NODES')) &&
          !(await node.cli('INFO', 'replication')).includes('master_link_status:down');
        await until('the cluster is up', isUp, 30_000);
      }
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
  await cluster.isComplete();
  return cluster;
}

/** `7`, `0-5460`; a slot that is on its way is in brackets, and listed where it still is, too. */
function isIn(slot: number, range: string): boolean {
  const [first, last = first] = range.split('-').map(Number);
  return first !== undefined && last !== undefined && first <= slot && slot <= last;
}

async function startNode(redisArgs: readonly string[]): Promise<RedisServer> {
  // By default the bus is 10,000 ports above, which may be past the last one.
  const own = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())];
  return startRedis(...own, '--cluster-node-timeout', '1000', '--repl-diskless-sync-delay', '0', ...redisArgs);
}
