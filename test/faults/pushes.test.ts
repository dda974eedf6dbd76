import { describe, expect, it } from 'vitest';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { becomesLive, converges, Invariants, Told } from '../support/invariants.ts';
import { delayRepliesPastPush, dropPushes, holdReply, repeatPushes, shufflePushes } from '../support/push-faults.ts';
import { quantile, report, rounded } from '../support/report.ts';
import { BOUND_MS, CACHE_TTL_MS, Scenario } from '../support/scenario.ts';
import { seededRandom } from '../support/seed.ts';

const PAIR = [['left', 'right']] as const;

async function commitPair(config: DynamicConfig, invariants: Invariants, value: string): Promise<void> {
  for (const key of PAIR[0]) invariants.wrote(key, value);
  invariants.acknowledged(await config.commit(PAIR[0].map((key) => ({ key, value }))));
}

async function connectBehind(
  scenario: Scenario,
  invariants: Invariants,
): Promise<{ config: DynamicConfig; writer: DynamicConfig; proxy: Awaited<ReturnType<Scenario['proxy']>> }> {
  // First, so that it is the keeper: what others write is recorded by one whose pushes arrive.
  const writer = await scenario.connect();
  const proxy = await scenario.proxy();
  await scenario.isKept();
  const config = await scenario.connect(proxy);
  invariants.observe(config);
  return { config, writer, proxy };
}

describe('row 6: lost pushes', () => {
  it.concurrent.each([1, 2, 3, 7])('every %i. one: still current within the bound', async (every) => {
    await using scenario = await Scenario.start();
    const invariants = new Invariants({ pairs: PAIR });
    const { config, writer, proxy } = await connectBehind(scenario, invariants);
    let dropped = 0;
    proxy.filter = dropPushes(every, () => dropped++);
    const staleMs: number[] = [];
    for (let n = 0; n < 4; n++) {
      await commitPair(writer, invariants, String(n));
      await writer.delete('odd').catch(() => writer.set('odd', '1'));
      await scenario.redis.cli('SET', 'mutt:config:raw', String(n));
      staleMs.push(await converges(scenario.redis, [config], BOUND_MS.healed));
    }
    expect(dropped).toBeGreaterThan(0);
    await invariants.ends(scenario.redis, writer.history({ afterRevision: 0 }));
    expect(invariants.violations).toEqual([]);
    report({
      row: 6,
      scenario: every === 1 ? 'all pushes dropped' : `every ${every}. push dropped`,
      injected: `${dropped} frames dropped`,
      invariants: 'C V M T',
      figures: { maxStalenessMs: rounded(Math.max(...staleMs)) },
    });
  });

  it.concurrent('of one commit are missed at the next one, at once', async () => {
    await using scenario = await Scenario.start();
    const [writer, proxy] = [await scenario.connect(), await scenario.proxy()];
    const config = await scenario.connect(proxy, { cacheTtl: 60 });
    let dropped = 0;
    proxy.filter = dropPushes(1, () => dropped++);
    await writer.set('a', '1');
    // Whole, by name, and by tracking.
    await until('all three are lost', () => dropped === 3);
    proxy.heal();
    await writer.set('b', '1');
    await until('both are there', () => config.get('b', null) === '1' && config.get('a', null) === '1', 3_000);
  });

  it.concurrent('of a write that only tracking tells of is found by the next full comparison', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    // The minute between two comparisons, in a tenth of a second.
    const clock = {
      now: () => performance.now(),
      after(delayMs: number, task: () => void) {
        const timer = setTimeout(task, delayMs > 30_000 ? delayMs / 500 : delayMs);
        return () => clearTimeout(timer);
      },
    };
    const config = await scenario.connect(proxy, { clock });
    await scenario.isKept();
    await config.set('a', '1');
    proxy.filter = dropPushes(1);
    await scenario.redis.cli('SET', 'mutt:config:a', '2');
    await converges(scenario.redis, [config]);
  });

  it.concurrent('of a new key, to the keeper itself, is found by its next look at the whole keyspace', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    // An hour passes when the test says so, and the minute between two turns of the keeper in a tenth of a second.
    let passedMs = 0;
    const clock = {
      now: () => performance.now() + passedMs,
      after(delayMs: number, task: () => void) {
        const timer = setTimeout(task, delayMs > 30_000 ? delayMs / 500 : delayMs);
        return () => clearTimeout(timer);
      },
    };
    const config = await scenario.connect(proxy, { clock });
    await scenario.isKept();
    let dropped = 0;
    proxy.filter = ({ push, bytes }) => {
      if (push !== 'invalidate') return [bytes];
      dropped += 1;
      return [];
    };
    await scenario.redis.cli('SET', 'mutt:config:new', '1');
    await until('the push is lost', () => dropped > 0);
    proxy.heal();
    passedMs += 3_600_000;
    await converges(scenario.redis, [config]);
  });
});

describe('row 7: pushes that come twice, or in another order', () => {
  it('change nothing but the number of calls', async () => {
    await using scenario = await Scenario.start();
    const random = seededRandom('shuffled pushes');
    const invariants = new Invariants({ pairs: PAIR });
    const { config, writer, proxy } = await connectBehind(scenario, invariants);
    const control = await scenario.connect();
    const [told, expected] = [new Told(config), new Told(control)];
    const twice = repeatPushes(2);
    const shuffled = shufflePushes(random, 20);
    proxy.filter = (frame, link) => twice(frame, link).flatMap((bytes) => [...shuffled({ ...frame, bytes }, link)]);
    for (let n = 0; n < 150; n++) {
      await commitPair(writer, invariants, String(n));
      if (n % 10 === 0) await scenario.redis.cli('SET', 'mutt:config:raw', String(n));
      if (n % 10 === 5) await writer.set('raw', `ours-${n}`);
    }
    await converges(scenario.redis, [config, control], BOUND_MS.healed);
    await told.knowsAll();
    await expected.knowsAll();
    expect(told.last).toEqual(expected.last);
    await invariants.ends(scenario.redis, writer.history({ afterRevision: 0 }));
    expect(invariants.violations).toEqual([]);
    report({
      row: 7,
      scenario: 'pushes duplicated and reordered (up to 20 ms)',
      injected: 'each push twice, shuffled',
      invariants: 'M N T V C',
      figures: { calls: told.calls, callsWithoutFaults: expected.calls },
    });
  });
});

describe("row 8: a read's reply delayed past what changed after it", () => {
  const isRead = ([command = '']: readonly string[]): boolean => ['EXEC', 'MGET', 'XRANGE'].includes(command);

  it.concurrent.each(['message', 'invalidate'] as const)(
    '(by the next %s) never brings an old value back',
    async (push) => {
      await using scenario = await Scenario.start();
      const invariants = new Invariants({ pairs: PAIR });
      const { config, writer, proxy } = await connectBehind(scenario, invariants);
      const control = await scenario.connect();
      let overtaken = 0;
      let stale = 0;
      let newest = 0;
      config.subscribe(({ changes }) => {
        for (const { key, value } of changes) {
          if (key !== 'count') continue;
          if (Number(value) < newest) stale += 1;
          newest = Math.max(newest, Number(value));
        }
      });
      const seenMs: number[] = [];
      proxy.filter = delayRepliesPastPush(isRead, push, 150, () => (overtaken += 1));
      for (let n = 1; n <= 40; n++) {
        const startedAtMs = performance.now();
        // The raw one makes it read; ours overtakes the reply.
        await scenario.redis.cli('SET', 'mutt:config:count', String(2 * n));
        await writer.set('count', 2 * n + 1);
        await commitPair(writer, invariants, String(n));
        if (n % 10 === 0) proxy.resetAll();
        if (n % 5 !== 0) continue;
        await until('the last value is there', () => config.get('count', null) === String(2 * n + 1));
        seenMs.push(performance.now() - startedAtMs);
      }
      proxy.heal();
      await converges(scenario.redis, [config, control], BOUND_MS.healed);
      await becomesLive(config);
      await invariants.ends(scenario.redis, writer.history({ afterRevision: 0 }));
      expect({ stale, violations: invariants.violations }).toEqual({ stale: 0, violations: [] });
      expect(overtaken).toBeGreaterThanOrEqual(3);
      report({
        row: 8,
        scenario: `a read's reply delayed past the next ${push}`,
        injected: `${overtaken} replies overtaken`,
        invariants: 'C V M T',
        figures: { staleEntries: stale, seenMaxMs: quantile(seenMs, 1) },
      });
    },
  );

  it('until the change is applied never brings an old value back', async () => {
    await using scenario = await Scenario.start();
    // A reply from before the first commit would be one of another history.
    await (await scenario.connect()).set('first', 1);
    const { config, writer, proxy } = await connectBehind(scenario, new Invariants());
    const served: (string | null)[] = [];
    config.subscribe(({ changes }) => {
      for (const { key, value } of changes) if (key === 'count') served.push(value);
    });
    const reply = holdReply(isRead);
    proxy.filter = reply.filter;
    await scenario.redis.cli('SET', 'mutt:config:count', '2');
    await until("the reply that says '2' is on its way", reply.isHeld);
    await writer.set('count', 3);
    await until('the later change is applied', () => config.get('count', null) === '3');
    reply.release();
    await writer.set('end', 1);
    await until('what came after it is applied', () => config.get('end', null) === '1');
    await converges(scenario.redis, [config]);
    expect(served).toEqual(['3']);
  });

  it('proves nothing about the time after the question', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    const config = await scenario.connect(proxy);
    const delayMs = (proxy.toClient.delayMs = CACHE_TTL_MS / 2);
    let [proofs, lastAgeMs, leastAgeMs] = [0, Infinity, Infinity];
    await until('it was proven current again, and again', () => {
      const { ageMs } = config.status();
      if (ageMs < lastAgeMs && ++proofs > 1) leastAgeMs = Math.min(leastAgeMs, ageMs);
      lastAgeMs = ageMs;
      return proofs > 3;
    });
    expect(leastAgeMs).toBeGreaterThanOrEqual(delayMs);
  });
});
