import { describe, expect, it } from 'vitest';
import type { DynamicConfig, Head } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { freeze } from '../support/freeze.ts';
import {
  becomesLive,
  converges,
  Invariants,
  leavesLive,
  provenAgain,
  readConstantly,
  Told,
} from '../support/invariants.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { report, rounded } from '../support/report.ts';
import { BOUND_MS, Scenario } from '../support/scenario.ts';

const PAIRS = [['left', 'right']] as const;
/** Where the store is made to forget, an instance follows it backwards. */
const FORGETS = { pairs: PAIRS, except: 'M' };

async function commitPair(config: DynamicConfig, invariants: Invariants, value: string): Promise<Head> {
  for (const key of PAIRS[0]) invariants.wrote(key, value);
  return until(`${value} is committed`, () =>
    config.commit(PAIRS[0].map((key) => ({ key, value }))).catch((error: unknown) => {
      // It is not known whether it was applied; the pair is written whole or not at all.
      if (error instanceof Error && 'code' in error && error.code !== 'store_refused') return null;
      throw error;
    }),
  );
}

/** A replica of the scenario's Redis, in step with it. */
async function startReplica(scenario: Scenario): Promise<RedisServer> {
  const replica = await startRedis();
  scenario.defer(() => replica.stop());
  for (const each of [scenario.redis, replica]) await each.cli('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
  await follow(replica, scenario.redis);
  return replica;
}

async function follow(replica: RedisServer, primary: RedisServer): Promise<void> {
  await replica.cli('REPLICAOF', '127.0.0.1', String(primary.port));
  const isInStep = async (): Promise<boolean> =>
    (await replica.cli('INFO', 'replication')).includes('master_link_status:up');
  await until('the replica is in step', isInStep, 15_000);
}

/** Told of every new head. */
function headsOf(config: DynamicConfig): Head[] {
  const heads: Head[] = [];
  config.subscribe(({ head }) => heads.push(head));
  return heads;
}

describe('row 11: a store that loses what it acknowledged, and uses its revisions again,', () => {
  it.concurrent('by a restart to an older file, is followed by value', async () => {
    await using scenario = await Scenario.start();
    const { redis } = scenario;
    const invariants = new Invariants(FORGETS);
    const [config, writer] = [await scenario.connect(), await scenario.connect()];
    invariants.observe(config);
    for (const value of ['1', '2']) await commitPair(writer, invariants, value);
    await redis.cli('SAVE');
    for (const value of ['lost-1', 'lost-2', 'lost-3']) await commitPair(writer, invariants, value);
    await writer.set('new', 'lost');
    await converges(redis, [config]);
    const heads = headsOf(config);
    const restartedAtMs = performance.now();
    await redis.restart();
    await converges(redis, [config, writer], BOUND_MS.healed);
    const healedMs = performance.now() - restartedAtMs;
    expect(config.get('left')).toBe('2');
    // The same revisions, for other changes.
    for (const value of ['again-1', 'again-2', 'again-3', 'again-4']) await commitPair(writer, invariants, value);
    await converges(redis, [config, writer], BOUND_MS.healed);
    await invariants.ends(redis, writer.history({ afterRevision: 0 }));
    expect(invariants.violations).toEqual([]);
    expect(heads.length).toBeGreaterThan(0);
    report({
      row: 11,
      scenario: 'Redis restarted to an older RDB file, 4 acknowledged change sets lost',
      injected: 'K9',
      invariants: 'C V T N',
      figures: { divergentKeys: 0, healedMs: rounded(healedMs) },
    });
  });

  it.concurrent('by a failover to a replica that was behind, is followed by value', async () => {
    await using scenario = await Scenario.start();
    const { redis } = scenario;
    const invariants = new Invariants(FORGETS);
    const replica = await startReplica(scenario);
    const proxy = await scenario.proxy();
    const [config, writer] = [await scenario.connect(proxy), await scenario.connect()];
    invariants.observe(config);
    const told = new Told(config);
    await commitPair(writer, invariants, '1');
    await until('the replica has it', async () => (await replica.cli('GET', 'mutt:config:left')) === '1');
    await replica.cli('REPLICAOF', 'NO', 'ONE');
    // The replica never gets these; the instance does.
    const lost = [await commitPair(writer, invariants, 'lost-1'), await commitPair(writer, invariants, 'lost-2')];
    await writer.set('only-here', 'lost');
    await converges(redis, [config]);
    // While the instance is cut off, the new primary reaches the revision that the instance is at, in the same epoch.
    proxy.hold(proxy.toClient);
    proxy.targetPort = replica.port;
    const next = await scenario.connect(replica);
    const reused = [await commitPair(next, invariants, 'again-1'), await commitPair(next, invariants, 'again-2')];
    await next.set('only-there', 'again');
    expect(reused.map(({ epoch, revision }) => [epoch, revision])).toEqual(
      lost.map(({ epoch, revision }) => [epoch, revision]),
    );
    const movedAtMs = performance.now();
    proxy.hold(proxy.toClient, false);
    proxy.resetAll();
    await until('it is connected to the new primary', () => config.get('left') === 'again-2', BOUND_MS.healed);
    await converges(replica, [config, next], BOUND_MS.healed);
    const healedMs = performance.now() - movedAtMs;
    await told.knowsAll();
    await invariants.ends(replica, next.history({ afterRevision: 0 }));
    expect(invariants.violations).toEqual([]);
    expect(config.head).toEqual(next.head);
    report({
      row: 11,
      scenario: 'a failover that loses 3 acknowledged change sets, and reuses their revisions',
      injected: 'REPLICAOF NO ONE, PX',
      invariants: 'C V T N',
      figures: { divergentKeys: 0, healedMs: rounded(healedMs) },
    });
  });

  it.concurrent(
    'without any announcement, at the same revision of the same epoch, is noticed by its hash',
    async () => {
      await using scenario = await Scenario.start();
      const { redis } = scenario;
      const before = await scenario.connect();
      await before.set('a', 'before');
      await before.close();
      for (const key of ['@head', '@index', '@log', '@requests', ':a'])
        await redis.cli('COPY', `mutt:config${key}`, `mutt:config${key}`, 'DB', '1');
      const there = await scenario.connect({ url: `${redis.url}/1` });
      await there.set('a', 'there');
      await there.close();
      const here = await scenario.connect();
      await here.set('a', 'here');
      await here.close();
      // One that is no keeper, and heard of no commit: it has no reason to look at the value, but for the head.
      await redis.cli('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '&*', '+@all', '-@write');
      const config = await scenario.connect({ url: redis.url.replace('//', '//reader:pw@') });
      expect(config.get('a')).toBe('here');
      await provenAgain(config);
      const { epoch, revision } = config.head;
      const swappedAtMs = performance.now();
      await redis.cli('SWAPDB', '0', '1');
      await converges(redis, [config], BOUND_MS.healed);
      expect(config.get('a')).toBe('there');
      expect(config.head).toMatchObject({ epoch, revision });
      report({
        row: 11,
        scenario: 'another history at the same revision of the same epoch, swapped in',
        injected: 'SWAPDB',
        invariants: 'C',
        figures: { divergentKeys: 0, healedMs: rounded(performance.now() - swappedAtMs) },
      });
    },
  );
});

describe('row 12: an instance on the old primary', () => {
  it.concurrent('says that it may be stale while that is frozen, and follows the new one through it', async () => {
    await using scenario = await Scenario.start();
    const { redis } = scenario;
    const invariants = new Invariants(FORGETS);
    const replica = await startReplica(scenario);
    const config = await scenario.connect();
    invariants.observe(config);
    await commitPair(config, invariants, '1');
    await until('the replica has it', async () => (await replica.cli('GET', 'mutt:config:left')) === '1');
    const stopReading = readConstantly(config, () => invariants.look(config));
    const thaw = freeze(redis.process);
    scenario.defer(thaw);
    const detectionMs = await leavesLive(config, BOUND_MS.noticed);
    await replica.cli('REPLICAOF', 'NO', 'ONE');
    const writer = await scenario.connect(replica);
    for (const value of ['2', '3']) await commitPair(writer, invariants, value);
    // It comes back as what it was, and is told only then that it is not the primary any more.
    thaw();
    const thawedAtMs = performance.now();
    await follow(redis, replica);
    await commitPair(writer, invariants, '4');
    await until('the last value has arrived', () => config.get('left') === '4', BOUND_MS.healed);
    await converges(replica, [config, writer], BOUND_MS.healed);
    await becomesLive(config);
    const healedMs = performance.now() - thawedAtMs;
    expect(stopReading()).toMatchObject({ errors: [] });
    await invariants.ends(replica, writer.history({ afterRevision: 0 }));
    expect(invariants.violations).toEqual([]);
    report({
      row: 12,
      scenario: 'the primary frozen, a replica promoted, the old one back as its replica',
      injected: 'SIGSTOP, REPLICAOF',
      invariants: 'H C V T N U',
      figures: { detectionMs: rounded(detectionMs), healedMs: rounded(healedMs) },
    });
  });
});
