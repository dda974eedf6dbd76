import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError } from '@mutt/dynamic-config';
import type { DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import {
  becomesLive,
  converges,
  Invariants,
  leavesLive,
  provenAgain,
  readConstantly,
  Told,
} from '../support/invariants.ts';
import { report, rounded } from '../support/report.ts';
import { BOUND_MS, Scenario } from '../support/scenario.ts';
import { seededRandom } from '../support/seed.ts';

const RESETS = 1_000;
const PAIR = [['left', 'right']] as const;

/** Commits until it is confirmed: the same request, so it is applied once. */
async function commitSurely(config: DynamicConfig, value: string): Promise<LoggedCommit> {
  const changes = PAIR[0].map((key) => ({ key, value }));
  return until(`${value} is confirmed`, async () => {
    try {
      return await config.commit(changes, { requestId: `surely-${value}` });
    } catch (error) {
      if (error instanceof OutcomeUnknownError || error instanceof StoreUnavailableError) return null;
      throw error;
    }
  });
}

describe(`row 2: ${RESETS} connection resets in traffic`, () => {
  it('lose nothing, tear nothing, and every instance is current again', { timeout: 180_000 }, async () => {
    await using scenario = await Scenario.start();
    const random = seededRandom('resets');
    const proxy = await scenario.proxy();
    const invariants = new Invariants({ pairs: PAIR });
    const configs = await Promise.all(Array.from({ length: 25 }, () => scenario.connect(proxy)));
    const told = configs.map((config, n) => {
      invariants.observe(config, `instance ${n}`);
      return new Told(config);
    });
    const [writer, reader] = configs;
    if (writer === undefined || reader === undefined) throw new Error('No instances');
    const stopReading = readConstantly(reader, () => invariants.look(reader));
    let writes = 0;
    const traffic = new AbortController();
    const writing = (async () => {
      for (; !traffic.signal.aborted; writes++) {
        for (const key of PAIR[0]) invariants.wrote(key, String(writes));
        invariants.acknowledged(await commitSurely(writer, String(writes)));
      }
    })();
    let resets = 0;
    while (resets < RESETS) {
      await until('there are connections', () => proxy.links.size >= 20);
      // Some while they load, some while they are idle.
      await new Promise((resolve) => setTimeout(resolve, random() * 30));
      resets += proxy.resetAll();
    }
    const lastResetAtMs = performance.now();
    for (const config of configs) await becomesLive(config);
    const resyncMs = performance.now() - lastResetAtMs;
    traffic.abort();
    await writing;
    const healedMs = await converges(scenario.redis, configs);
    for (const each of told) await each.knowsAll();
    expect(stopReading()).toMatchObject({ errors: [] });
    await invariants.ends(scenario.redis, writer.history({ afterRevision: 0 }));
    expect(invariants.violations).toEqual([]);
    // Each request was applied once, whatever became of its replies.
    const requests: (string | null)[] = [];
    for await (const { requestId } of writer.history({ afterRevision: 0 })) requests.push(requestId);
    expect(requests).toEqual(Array.from({ length: writes }, (_, n) => `surely-${n}`));
    expect(writes).toBeGreaterThan(10);
    report({
      row: 2,
      scenario: `${resets} connection resets, 25 instances, ${writes} change sets`,
      injected: 'RST',
      invariants: 'V M T C N A U',
      figures: {
        allLiveAfterLastResetMs: rounded(resyncMs),
        healedMs: rounded(healedMs),
      },
    });
  });

  it('that cut a reply in the middle are survived: of a load, a read, a commit', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    const direct = await scenario.connect();
    const config = await scenario.connect(proxy);
    await direct.set('a', 'x'.repeat(5_000));
    for (const command of ['EXEC', 'MGET', 'HGETALL', 'HMGET', 'EVALSHA']) {
      const cut = proxy.truncateReply((frame) => frame.command[0] === command);
      if (command === 'MGET' || command === 'HGETALL') proxy.resetAll();
      if (command === 'EVALSHA')
        await config.set('b', command).catch((error: unknown) => expect(error).toBeInstanceOf(OutcomeUnknownError));
      else await scenario.redis.cli('SET', 'mutt:config:raw', command);
      await cut;
      await becomesLive(config);
      await converges(scenario.redis, [config]);
    }
  });

  it('leave no instance deaf to what others write: tracking is on again', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    // No check is due, and nobody else records the write.
    const config = await scenario.connect(proxy, { cacheTtl: 60 });
    for (const value of ['1', '2', '3']) {
      proxy.resetAll();
      await until('it has noticed', () => config.status().state !== 'live');
      await becomesLive(config);
      await scenario.redis.cli('SET', 'mutt:config:raw', value);
      await until('it is told', () => config.get('raw', null) === value, 3_000);
    }
  });

  it('let no instance call itself live before what it missed is loaded', async () => {
    await using scenario = await Scenario.start();
    const writer = await scenario.connect();
    await writer.set('a', 'before');
    const proxy = await scenario.proxy();
    const config = await scenario.connect(proxy, { cacheTtl: 60 });
    const held: (() => void)[] = [];
    proxy.filter = (frame, link) => {
      if (held.length === 0 && !['XRANGE', 'MGET', 'EXEC'].includes(frame.command[0] ?? '')) return [frame.bytes];
      held.push(() => link.answer(frame.bytes));
      return [];
    };
    proxy.resetAll();
    proxy.hold(proxy.toServer);
    await writer.set('a', 'missed');
    proxy.hold(proxy.toServer, false);
    await until('the load is under way', () => held.length > 0);
    expect([config.get('a'), config.status().state, config.watcherRunning]).toEqual(['before', 'stale', false]);
    proxy.heal();
    for (const release of held) release();
    await becomesLive(config);
    expect(config.get('a')).toBe('missed');
  });
});

describe('row 3: a link on which bytes no longer arrive', () => {
  it.concurrent.each(['toClient', 'toServer'] as const)(
    'in one direction (%s) is noticed, reads go on, and all is well when it heals',
    async (direction) => {
      await using scenario = await Scenario.start();
      const proxy = await scenario.proxy();
      const [config, writer] = [await scenario.connect(proxy), await scenario.connect()];
      const invariants = new Invariants({ pairs: PAIR });
      invariants.observe(config);
      await commitSurely(writer, 'before');
      await converges(scenario.redis, [config]);
      const stopReading = readConstantly(config, () => invariants.look(config));
      await becomesLive(config);
      proxy.hold(proxy[direction]);
      const noticedMs = await leavesLive(config, BOUND_MS.noticed);
      await commitSurely(writer, 'meanwhile');
      await scenario.redis.cli('SET', 'mutt:config:raw', 'meanwhile');
      await until('it has given the connection up', () => config.status().state === 'offline');
      expect(config.status().lastError).toBeInstanceOf(StoreUnavailableError);
      const readings = stopReading();
      proxy.heal();
      const healedMs = await converges(scenario.redis, [config], BOUND_MS.healed);
      await becomesLive(config);
      expect(readings.errors).toEqual([]);
      expect(invariants.violations).toEqual([]);
      report({
        row: 3,
        scenario: `half-open link, ${direction}`,
        injected: 'black hole',
        invariants: 'H U C',
        figures: {
          detectionMs: rounded(noticedMs),
          recoveryMs: rounded(healedMs),
          slowestReadMs: rounded(readings.slowestMs),
        },
      });
    },
  );

  it.concurrent('for good is given up for a new one, though nobody asks for anything', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    const config = await scenario.connect(proxy);
    await scenario.isKept();
    await provenAgain(config);
    const dead = new Set(proxy.links);
    proxy.filter = ({ bytes }, link) => (dead.has(link) ? [] : [bytes]);
    const heldAtMs = performance.now();
    await leavesLive(config, BOUND_MS.noticed);
    await scenario.redis.cli('SET', 'mutt:config:raw', 'missed');
    await becomesLive(config, BOUND_MS.healed);
    expect(config.get('raw')).toBe('missed');
    report({
      row: 3,
      scenario: 'half-open for good; new connections work',
      injected: 'black hole on one connection',
      invariants: 'H C',
      figures: { recoveryMs: rounded(performance.now() - heldAtMs) },
    });
  });

  it.concurrent('for a moment only costs no connection: what was held arrives', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    const [config, writer] = [await scenario.connect(proxy), await scenario.connect()];
    await becomesLive(config);
    const links = [...proxy.links];
    proxy.hold(proxy.toClient);
    await commitSurely(writer, 'meanwhile');
    await leavesLive(config, BOUND_MS.noticed);
    proxy.heal();
    await converges(scenario.redis, [config], BOUND_MS.healed);
    await becomesLive(config);
    // One that is opened to read the log, for a moment, is no other one.
    await until('the connections are those of before', () => isDeepStrictEqual([...proxy.links], links));
  });

  it.concurrent('a slow link (100 ms each way) is not taken for a dead one', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    const [config, writer] = [await scenario.connect(proxy, { cacheTtl: 1 }), await scenario.connect()];
    const links = [...proxy.links];
    const states = new Set<string>();
    config.onStateChange((state) => states.add(state));
    proxy.toClient.delayMs = 100;
    proxy.toServer.delayMs = 100;
    for (let n = 0; n < 5; n++) {
      await commitSurely(writer, String(n));
      await until('it arrives', () => config.get('left', null) === String(n));
    }
    await provenAgain(config, 10_000);
    expect([...states]).not.toContain('offline');
    expect([...proxy.links]).toEqual(links);
  });
});
