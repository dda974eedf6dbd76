import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { examineRedis } from '@mutt/dynamic-config/redis';
import type { Finding } from '@mutt/dynamic-config/redis';
import { until } from '@mutt/dynamic-config/testing';
import { startCluster } from '../support/redis-cluster.ts';
import type { RedisCluster } from '../support/redis-cluster.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { report, rounded } from '../support/report.ts';
import {
  allAgreeWith,
  allFollowAnother,
  holdingOf,
  lostOf,
  ours,
  repeatedOf,
  startRemote,
  unexpected,
} from './failover-check.ts';
import type { Fleet, Remote } from './failover-check.ts';
import { runsOf } from './failovers.ts';
import type { Failover } from './failovers.ts';
import { FAILOVER_TTL_MS, FailoverLoad, PREFIX } from './failover-load.ts';
import type { Route } from './failover-load.ts';

const INSTANCES = 3;
const LEAVES_WITHIN_MS = FAILOVER_TTL_MS + 1_500;
const KEY = `${PREFIX}:left_0`;

let cluster: RedisCluster;
let route: Route;
let remote: Remote;
let load: FailoverLoad;

beforeAll(async () => {
  cluster = await startCluster({ replicasOfEach: 1 });
  route = { kind: 'cluster', ports: cluster.nodes.map(({ port }) => port) };
  remote = await startRemote(route);
});
afterAll(async () => {
  await remote.end();
  await cluster.stop();
});
const FAULTS: readonly Failover[] = [
  {
    why: 'the slot is moved to another master, a few keys at a time',
    injected: 'SETSLOT, MIGRATE',
    losesNothing: true,
    inject: () => cluster.moveSlotOf(KEY, 3),
  },
  {
    why: 'the replica takes over by command',
    injected: 'CLUSTER FAILOVER',
    losesNothing: true,
    isLong: true,
    inject: async (owner) => {
      for (const replica of await cluster.replicasOf(owner)) await replica.cli('CLUSTER', 'FAILOVER');
    },
  },
  {
    why: 'the master is frozen, and comes back',
    injected: 'SIGSTOP, SIGCONT',
    inject: ({ process }) => process.kill('SIGSTOP'),
    comesBack: ({ process }) => process.kill('SIGCONT'),
  },
  {
    why: 'the master is killed',
    injected: 'kill -9',
    isLong: true,
    inject: ({ process }) => process.kill('SIGKILL'),
    comesBack: (old) => old.restart(),
  },
];
const RUNS = runsOf(FAULTS);

describe('row 11: a Redis Cluster under load', () => {
  beforeEach(async () => {
    load = await FailoverLoad.start(route, INSTANCES);
    load.write();
    await load.confirms();
  });
  afterEach(async () => {
    for (const { process } of cluster.nodes) process.kill('SIGCONT');
    await load[Symbol.asyncDispose]();
  });

  for (const { why, injected, losesNothing, round, inject, comesBack } of RUNS) {
    it(`in which ${why} leaves no instance behind, and none that serves something else (round ${round})`, async () => {
      await cluster.isComplete();
      const old = await cluster.ownerOf(KEY);
      const others = cluster.nodes.filter((node) => node !== old);
      const fleet: Fleet<RedisServer> = {
        primaryNow: () => cluster.ownerOf(KEY, others),
        clientsOf: (node) => node.cli('CLIENT', 'LIST'),
      };
      const startedAtMs = performance.now();
      await inject(old);
      await until('another node has the slot', async () => (await fleet.primaryNow()) !== old, 30_000);
      const movedMs = performance.now() - startedAtMs;
      const owner = await allFollowAnother(old, fleet, load, remote);
      const followedMs = performance.now() - startedAtMs;
      await load.confirms();
      await comesBack?.(old);
      const listeners = async (): Promise<number> => ours(await fleet.clientsOf(old), { listening: true });
      await until('nobody listens to the old one', async () => (await listeners()) === 0, LEAVES_WITHIN_MS);
      await load.confirms();
      await load.stopWriting();
      const holding = await holdingOf(owner.url);
      const agreedMs = await allAgreeWith(holding, load, remote);
      const lost = lostOf(load.acknowledged, holding).length;
      if (losesNothing === true) expect(lost).toBe(0);
      expect(unexpected(load.invariants.violations, lost)).toEqual([]);
      expect(repeatedOf(holding)).toEqual([]);
      report({
        row: 11,
        scenario: `a Redis Cluster under load, in which ${why}`,
        injected,
        invariants: 'V M T C',
        figures: {
          movedMs: rounded(movedMs),
          allFollowedMs: rounded(followedMs),
          agreedMs: rounded(agreedMs),
          confirmed: load.acknowledged.length,
          confirmedThenLost: lost,
        },
      });
    });
  }
});

describe('muttctl doctor on a Redis Cluster', () => {
  const examined = async (node: RedisServer | undefined, prefix: string): Promise<readonly Finding[]> =>
    examineRedis(node?.url ?? '', { prefix });

  it('finds nothing wrong with the node that has the settings', async () => {
    const findings = await examined(await cluster.ownerOf(KEY), PREFIX);
    expect(findings.find(({ check }) => check === 'topology')).toMatchObject({ severity: 'ok' });
    expect(findings.filter(({ severity }) => severity === 'problem').map(({ check }) => check)).toEqual([
      'persistence',
    ]);
  });

  it('says of another node where the settings are, and stops there', async () => {
    const owner = await cluster.ownerOf(KEY);
    for (const other of cluster.nodes.filter((node) => node !== owner)) {
      const { severity, fix } = (await examined(other, PREFIX)).at(-1) ?? {};
      expect([severity, fix]).toEqual(['problem', `muttctl doctor --url ${owner.url}`]);
    }
  });

  it('refuses a prefix without a hash tag, and says which one to use', async () => {
    expect((await examined(cluster.nodes[0], 'mutt:config')).at(-1)).toMatchObject({
      check: 'topology',
      severity: 'problem',
      fix: expect.stringContaining('{mutt}:config') as string,
    });
  });
});
