import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { examineRedis } from '@mutt/dynamic-config/redis';
import type { Finding } from '@mutt/dynamic-config/redis';
import { until } from '@mutt/dynamic-config/testing';
import type { RedisServer } from '../support/redis-server.ts';
import { redisCli } from '../support/redis-server.ts';
import { startSentinel } from '../support/redis-sentinel.ts';
import type { SentinelSetup } from '../support/redis-sentinel.ts';
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
import { isThorough, runsOf } from './failovers.ts';
import type { Failover } from './failovers.ts';
import { FAILOVER_TTL_MS, FailoverLoad, PREFIX } from './failover-load.ts';
import type { Route } from './failover-load.ts';

const PASSWORD = 's3cret';
const LEAVES_WITHIN_MS = FAILOVER_TTL_MS + 1_500;
const INSTANCES = 3;

let setup: SentinelSetup;
let route: Route;
let remote: Remote;
let load: FailoverLoad;
/** Puts right what the test before has left: nobody waits for it after the last one. */
let restore: () => Promise<void> = async () => {};

beforeAll(async () => {
  setup = await startSentinel(PASSWORD, { sentinels: 3, replicas: 2 });
  route = { kind: 'sentinel', ports: setup.ports.toReversed(), password: PASSWORD };
  remote = await startRemote(route);
});
afterAll(async () => {
  await remote.end();
  await setup.stop();
});
/** Around each test. */
function isWrittenThrough(): void {
  beforeEach(async () => {
    await restore();
    restore = async () => {};
    load = await FailoverLoad.start(route, INSTANCES);
    load.write();
    await load.confirms();
  });
  afterEach(async () => {
    for (const { process } of setup.nodes) process.kill('SIGCONT');
    for (const sentinel of setup.sentinels) sentinel.kill('SIGCONT');
    await load[Symbol.asyncDispose]();
  });
}

const fleet: Fleet<RedisServer> = {
  primaryNow: () => setup.primaryNow(),
  clientsOf: (node) => setup.cli(node, 'CLIENT', 'LIST'),
};

/** What a Sentinel does with an old primary, sooner. */
async function becomesReplica(old: RedisServer, primary: RedisServer): Promise<void> {
  await setup.cli(old, 'REPLICAOF', '127.0.0.1', String(primary.port));
  await setup.isComplete();
}

describe('muttctl doctor with Sentinel', () => {
  const examined = async (
    { port }: { readonly port: number },
    password = `:${PASSWORD}@`,
  ): Promise<readonly Finding[]> => examineRedis(`redis://${password}127.0.0.1:${port}`, { prefix: PREFIX });
  const found = (findings: readonly Finding[], check: string): Finding | undefined =>
    findings.find((finding) => finding.check === check);

  it('says of a primary who watches it, and warns while it takes changes that no replica has', async () => {
    const primary = await setup.primaryNow();
    const before = await examined(primary);
    expect(found(before, 'topology')).toMatchObject({
      severity: 'ok',
      what: expect.stringMatching('^3 Sentinels watch this primary of 2 replicas') as string,
    });
    expect(found(before, 'min-replicas')).toMatchObject({
      severity: 'warning',
      fix: expect.stringContaining('CONFIG SET min-replicas-to-write 1') as string,
    });
    await setup.cli(primary, 'CONFIG', 'SET', 'min-replicas-to-write', '1');
    const after = await examined(primary);
    await setup.cli(primary, 'CONFIG', 'SET', 'min-replicas-to-write', '0');
    expect(found(after, 'min-replicas')).toMatchObject({ severity: 'ok' });
  });

  it('says of a replica where its primary is, and who watches it', async () => {
    const primary = await setup.primaryNow();
    const replica = setup.nodes.find((node) => node !== primary) ?? primary;
    const findings = await examined(replica);
    expect(found(findings, 'topology')?.what).toMatch(/^3 Sentinels watch this replica/);
    expect(found(findings, 'role')).toMatchObject({
      severity: 'problem',
      fix: expect.stringContaining(`redis://127.0.0.1:${primary.port}, or use Sentinel`) as string,
    });
  });

  it('says of a Sentinel that it is none of the Redis servers, and which one to examine', async () => {
    const primary = await setup.primaryNow();
    expect((await examined({ port: setup.port }, '')).at(-1)).toMatchObject({
      check: 'topology',
      severity: 'problem',
      what: 'This is a Sentinel, not a Redis.',
      fix: expect.stringContaining(`mymaster: muttctl doctor --url redis://127.0.0.1:${primary.port}`) as string,
    });
  });
});

const FAULTS: readonly Failover[] = [
  {
    why: 'by command',
    injected: 'SENTINEL FAILOVER',
    inject: () => redisCli(setup.port, 'SENTINEL', 'FAILOVER', 'mymaster'),
    comesBack: () => {},
  },
  {
    why: 'by command, with writes paused before,',
    injected: 'CLIENT PAUSE WRITE, SENTINEL FAILOVER',
    losesNothing: true,
    isLong: true,
    inject: async (primary) => {
      await setup.cli(primary, 'CLIENT', 'PAUSE', '20000', 'WRITE');
      await redisCli(setup.port, 'SENTINEL', 'FAILOVER', 'mymaster');
    },
    comesBack: (old) => setup.cli(old, 'CLIENT', 'UNPAUSE'),
  },
  {
    why: 'of a primary that is frozen, and comes back,',
    injected: 'SIGSTOP, SIGCONT',
    inject: ({ process }) => process.kill('SIGSTOP'),
    comesBack: ({ process }) => process.kill('SIGCONT'),
  },
  {
    why: 'of a primary that is frozen with the Sentinel that clients ask,',
    injected: 'SIGSTOP, SIGCONT',
    isLong: true,
    inject: ({ process }) => {
      setup.sentinels.at(-1)?.kill('SIGSTOP');
      process.kill('SIGSTOP');
    },
    comesBack: ({ process }) => {
      setup.sentinels.at(-1)?.kill('SIGCONT');
      process.kill('SIGCONT');
    },
  },
  {
    why: 'of a primary that is killed',
    injected: 'kill -9',
    inject: ({ process }) => process.kill('SIGKILL'),
  },
];
const RUNS = runsOf(FAULTS);

/** Asks with `WAIT`, again and again, how many of the confirmed change sets both replicas have. */
async function replicatedBy(primary: RedisServer, isOver: () => boolean): Promise<number> {
  const client = createClient({ url: `redis://:${PASSWORD}@127.0.0.1:${primary.port}` }).on('error', () => {});
  await client.connect();
  let replicated = 0;
  try {
    while (!isOver()) {
      const confirmed = load.acknowledged.length;
      // WAIT asks for the writes of its own connection, and replicas have them in the order in which they were made.
      await client.set('asked', confirmed);
      if ((await client.wait(2, 50)) === 2) replicated = confirmed;
    }
  } finally {
    client.destroy();
  }
  return replicated;
}

interface Losses {
  readonly confirmedMeanwhile: number;
  readonly refused: number;
  readonly lost: number;
  /** Of those that were seen to be replicated. */
  readonly replicatedThenLost: number;
}

/** Writes until the primary, whose replicas have all gone, is killed; resolves with how many confirmed ones are lost. */
async function loseReplicasThenPrimary({ asks }: { readonly asks: boolean }): Promise<Losses> {
  const old = await setup.primaryNow();
  const replicas = setup.nodes.filter((node) => node !== old);
  let isOver = false;
  const asking = asks ? replicatedBy(old, () => isOver) : Promise.resolve(0);
  await load.confirms();
  // Sentinel brings them back after eight seconds, and takes none that was without its primary for five.
  for (const replica of replicas) await setup.cli(replica, 'REPLICAOF', '127.0.0.1', '1');
  const [before, failed] = [load.acknowledged.length, load.failures['store_refused'] ?? 0];
  const startedAtMs = performance.now();
  await until('writes went on for two seconds', () => performance.now() - startedAtMs > 2_000);
  const confirmedMeanwhile = load.acknowledged.length - before;
  const refused = (load.failures['store_refused'] ?? 0) - failed;
  isOver = true;
  const replicated = load.acknowledged.slice(0, await asking);
  old.process.kill('SIGKILL');
  const primary = await allFollowAnother(old, fleet, load, remote);
  await load.confirms();
  await load.stopWriting();
  const holding = await holdingOf(`redis://:${PASSWORD}@127.0.0.1:${primary.port}`);
  await allAgreeWith(holding, load, remote);
  expect(repeatedOf(holding)).toEqual([]);
  restore = async () => {
    await old.restart();
    await becomesReplica(old, primary);
  };
  const [lost, replicatedThenLost] = [load.acknowledged, replicated].map((some) => lostOf(some, holding).length);
  if (asks) expect(replicated.length).toBeGreaterThan(0);
  return { confirmedMeanwhile, refused, lost: lost ?? 0, replicatedThenLost: replicatedThenLost ?? 0 };
}

describe.runIf(isThorough)('row 11: a primary that has lost its replicas, and then dies', () => {
  isWrittenThrough();

  const limits = async (replicas: number): Promise<void> => {
    for (const node of setup.nodes) {
      const set = ['CONFIG', 'SET', 'min-replicas-to-write', String(replicas), 'min-replicas-max-lag', '1'];
      // One that was killed starts anew, without limits.
      await setup.cli(node, ...set).catch(() => {});
    }
  };
  afterEach(() => limits(0));

  it('loses what it confirmed meanwhile, and nothing that WAIT saw replicated; all follow the one left', async () => {
    const { confirmedMeanwhile, lost, replicatedThenLost } = await loseReplicasThenPrimary({ asks: true });
    expect(replicatedThenLost).toBe(0);
    expect(lost).toBeGreaterThanOrEqual(confirmedMeanwhile);
    expect(confirmedMeanwhile).toBeGreaterThan(0);
    reportLoss('without min-replicas-to-write', { confirmedThenLost: lost, replicatedThenLost });
  });

  it('with min-replicas-to-write confirms nothing meanwhile, and loses next to nothing', async () => {
    await limits(1);
    const { refused, lost } = await loseReplicasThenPrimary({ asks: false });
    expect(refused).toBeGreaterThan(0);
    // What was confirmed in the instant before they left.
    expect(lost).toBeLessThanOrEqual(2 * INSTANCES);
    reportLoss('with min-replicas-to-write 1', { confirmedThenLostWithMinReplicas: lost, refused });
  });

  function reportLoss(how: string, figures: Readonly<Record<string, number>>): void {
    const scenario = `a primary that has lost its replicas, and then dies, ${how}`;
    report({ row: 11, scenario, injected: 'REPLICAOF, kill -9', invariants: 'C', figures });
  }
});

describe('row 11: a failover by Sentinel under load', () => {
  isWrittenThrough();

  for (const { why, injected, losesNothing, round, inject, comesBack } of RUNS) {
    it(`${why} leaves no instance behind, and none that serves something else (round ${round})`, async () => {
      const old = await setup.primaryNow();
      const startedAtMs = performance.now();
      restore = async () => {
        if (comesBack === undefined) await old.restart();
        await becomesReplica(old, await setup.primaryNow());
      };
      await inject(old);
      await until('another node is promoted', async () => (await setup.primaryNow()) !== old, 30_000);
      const promotedMs = performance.now() - startedAtMs;
      const primary = await allFollowAnother(old, fleet, load, remote);
      const followedMs = performance.now() - startedAtMs;
      await load.confirms();
      if (comesBack !== undefined) {
        await comesBack(old);
        await until(
          'nobody is with the old one',
          async () => ours(await fleet.clientsOf(old), { listening: false }) === 0,
          LEAVES_WITHIN_MS,
        );
      }
      await load.confirms();
      await load.stopWriting();
      const holding = await holdingOf(`redis://:${PASSWORD}@127.0.0.1:${primary.port}`);
      const agreedMs = await allAgreeWith(holding, load, remote);
      const lost = lostOf(load.acknowledged, holding).length;
      if (losesNothing === true) expect(lost).toBe(0);
      expect(unexpected(load.invariants.violations, lost)).toEqual([]);
      expect(repeatedOf(holding)).toEqual([]);
      report({
        row: 11,
        scenario: `a failover by Sentinel ${why} under load`,
        injected,
        invariants: 'V M T C',
        figures: {
          promotedMs: rounded(promotedMs),
          allFollowedMs: rounded(followedMs),
          agreedMs: rounded(agreedMs),
          confirmed: load.acknowledged.length,
          confirmedThenLost: lost,
        },
      });
    });
  }
});
