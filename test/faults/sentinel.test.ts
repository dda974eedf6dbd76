import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { freeze } from '../support/freeze.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { redisCli } from '../support/redis-server.ts';
import { startSentinel } from '../support/redis-sentinel.ts';
import type { SentinelSetup } from '../support/redis-sentinel.ts';
import { report, rounded } from '../support/report.ts';
import { allAgreeWith, holdingOf, lostOf, repeatedOf, startRemote } from './failover-check.ts';
import type { Remote } from './failover-check.ts';
import { FAILOVER_TTL_MS, FailoverLoad } from './failover-load.ts';
import type { Route } from './failover-load.ts';

const PASSWORD = 's3cret';
const ROUNDS = Number(process.env['MUTT_FAULT_ROUNDS'] ?? 1);
/** Long before a Sentinel makes a replica of an old primary that came back, which takes it eight seconds. */
const LEAVES_WITHIN_MS = FAILOVER_TTL_MS + 1_500;
const INSTANCES = 3;

let setup: SentinelSetup;
let route: Route;
let remote: Remote;
let load: FailoverLoad;

beforeAll(async () => {
  setup = await startSentinel(PASSWORD, { sentinels: 3, replicas: 2 });
  route = { kind: 'sentinel', ports: setup.ports, password: PASSWORD };
  remote = await startRemote(route);
});
afterAll(async () => {
  await remote.end();
  await setup.stop();
});
beforeEach(async () => {
  load = await FailoverLoad.start(route, INSTANCES);
  load.write();
  await load.confirms();
});
afterEach(async () => {
  await load[Symbol.asyncDispose]();
});

/** Our connections to a node, as it lists them. */
async function connectionsTo(node: RedisServer): Promise<number> {
  return (await setup.cli(node, 'CLIENT', 'LIST')).match(/ name=mutt-dynamic-config/g)?.length ?? 0;
}

const listenersAt = async (node: RedisServer): Promise<number> =>
  (await setup.cli(node, 'CLIENT', 'LIST', 'TYPE', 'pubsub')).match(/ name=mutt-dynamic-config/g)?.length ?? 0;

/** All listen to it, and are live; with when that was. */
async function allFollow(node: RedisServer): Promise<number> {
  await until('all listen there', async () => (await listenersAt(node)) === INSTANCES + 1);
  await until('all are live', async () => {
    const states = load.configs.map((config) => config.status().state);
    return [...states, (await remote.standing()).state].every((state) => state === 'live');
  });
  return performance.now();
}

async function isPromoted(from: RedisServer): Promise<RedisServer> {
  await until('another node is promoted', async () => (await setup.primaryNow()) !== from, 30_000);
  return setup.primaryNow();
}

/** What a Sentinel does with an old primary, sooner. */
async function becomesReplica(old: RedisServer, primary: RedisServer): Promise<void> {
  await setup.cli(old, 'REPLICAOF', '127.0.0.1', String(primary.port));
  await setup.isComplete();
}

interface Fault {
  /** Resolves when the old primary can be asked again, if it ever can. */
  readonly comesBack?: () => Promise<unknown>;
}

const FAULTS: Record<string, (old: RedisServer) => Promise<Fault>> = {
  async 'by command'() {
    await redisCli(setup.port, 'SENTINEL', 'FAILOVER', 'mymaster');
    return { comesBack: async () => {} };
  },
  async 'since the primary is frozen, and comes back'(old) {
    const thaw = freeze(old.process);
    return { comesBack: async () => thaw() };
  },
  async 'since the primary is killed'(old) {
    old.process.kill('SIGKILL');
    return {};
  },
};

describe('row 11: a failover by Sentinel, under load', () => {
  it.each(Object.keys(FAULTS).flatMap((name) => Array.from({ length: ROUNDS }, (_, round) => [name, round + 1])))(
    '%s leaves no instance behind, and none that serves something else (round %i)',
    async (name) => {
      const old = await setup.primaryNow();
      const startedAtMs = performance.now();
      const { comesBack } = await (FAULTS[name] as (node: RedisServer) => Promise<Fault>)(old);
      const primary = await isPromoted(old);
      const promotedMs = performance.now() - startedAtMs;
      const followedMs = (await allFollow(primary)) - startedAtMs;
      await load.confirms();
      if (comesBack !== undefined) {
        await comesBack();
        await until('nobody is with the old one', async () => (await connectionsTo(old)) === 0, LEAVES_WITHIN_MS);
        expect(await setup.cli(old, 'ROLE')).toMatch(/^master/);
      }
      await load.confirms();
      await load.stopWriting();
      const holding = await holdingOf(`redis://:${PASSWORD}@127.0.0.1:${primary.port}`);
      const agreedMs = await allAgreeWith(holding, load, remote);
      expect(load.invariants.violations).toEqual([]);
      expect(repeatedOf(holding)).toEqual([]);
      report({
        row: 11,
        scenario: `a failover by Sentinel ${name}, under load`,
        injected: name === 'by command' ? 'SENTINEL FAILOVER' : name.includes('frozen') ? 'SIGSTOP, SIGCONT' : 'kill -9',
        invariants: 'V M T C',
        figures: {
          promotedMs: rounded(promotedMs),
          allFollowedMs: rounded(followedMs),
          agreedMs: rounded(agreedMs),
          confirmed: load.acknowledged.length,
          confirmedThenLost: lostOf(load.acknowledged, holding).length,
        },
      });
      if (comesBack === undefined) await old.restart();
      await becomesReplica(old, primary);
    },
  );
});
