import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DynamicConfig, MemoryNamespace, MemoryStore } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { auditRecords } from '../../packages/server/test/audited.ts';
import { DATABASES } from '../../packages/server/test/databases.ts';
import { AuditFeed } from '../../packages/server/src/audit/audit-feed.ts';
import { AuditTrail } from '../../packages/server/src/audit/audit-trail.ts';
import { verifyTrail } from '../../packages/server/src/audit/audit-verify.ts';
import { converges, Invariants, Told } from '../support/invariants.ts';
import { report } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';

const HOUR_MS = 3_600_000;
/** Forth, back, back again, and home. */
const JUMPS = [HOUR_MS, -HOUR_MS, -HOUR_MS, HOUR_MS];
const silent = { warn: () => {}, error: () => {} };

describe('row 34: the wall clock of an instance jumps an hour', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('and it stays live, and follows the order of revisions', async () => {
    await using scenario = await Scenario.start();
    const invariants = new Invariants();
    // A busy machine makes nobody stale here; an hour would.
    const patient = { cacheTtl: 60 };
    const [config, writer] = [
      await scenario.connect(scenario.redis, patient),
      await scenario.connect(scenario.redis, patient),
    ];
    await scenario.isKept();
    invariants.observe(config);
    const told = new Told(config);
    const states = new Set<string>();
    let misorders = 0;
    let last = 0;
    config.onStateChange((state) => states.add(state));
    config.registerCallback('count', (_, value) => {
      if (Number(value) < last) misorders += 1;
      last = Number(value);
    });
    let count = 0;
    for (const jumpMs of JUMPS) {
      vi.setSystemTime(Date.now() + jumpMs);
      for (let n = 0; n < 10; n++) {
        count += 1;
        invariants.wrote('count', String(count));
        invariants.acknowledged(await writer.set('count', count));
      }
      await scenario.redis.cli('SET', 'mutt:config:raw', String(count));
      await converges(scenario.redis, [config, writer]);
    }
    await told.knowsAll();
    await invariants.ends(scenario.redis, writer.history({ afterRevision: 0 }));
    expect({ misorders, last, violations: invariants.violations }).toEqual({ misorders: 0, last: 40, violations: [] });
    expect([...states]).toEqual([]);
    report({
      row: 34,
      scenario: `the clock of two instances jumps ${JUMPS.length} times`,
      injected: 'Date',
      invariants: 'M C N A',
      figures: { misorders },
    });
  });
});

describe("row 34: the store's clock jumps an hour", () => {
  it.each(DATABASES)('and the trail in $name has the order of revisions, whole', async (kind) => {
    let offsetMs = 0;
    const namespace = new MemoryNamespace({ now: () => Date.now() + offsetMs, newEpoch: () => 'an-epoch' });
    const [store, own] = [new MemoryStore(namespace), new MemoryStore(namespace)];
    const test = await kind.start();
    const config = await DynamicConfig.connect(own, { logger: silent });
    const feed = new AuditFeed({ store, trail: new AuditTrail(test.database), hold: async () => {}, logger: silent });
    try {
      const seen: number[] = [];
      config.subscribe(({ head }) => seen.push(head.revision));
      let count = 0;
      for (const jumpMs of JUMPS) {
        offsetMs += jumpMs;
        for (let n = 0; n < 5; n++) await config.set('count', (count += 1));
        await feed.catchUp();
      }
      await until('all is seen', () => seen.length === count);
      const inOrder = Array.from({ length: count }, (_, n) => n + 1);
      const records = await auditRecords(test.database);
      expect([seen, records.map(({ revision }) => revision)]).toEqual([inOrder, inOrder]);
      const times = records.map(({ changedAtMs }) => changedAtMs);
      expect(times.some((time, n) => time < (times[n - 1] ?? 0))).toBe(true);
      expect((await verifyTrail(test.database)).problem).toBeNull();
      report({
        row: 34,
        scenario: `the clock of the store jumps ${JUMPS.length} times, trail in ${kind.name}`,
        injected: 'an injected clock',
        invariants: 'M A',
        figures: { misorders: 0 },
      });
    } finally {
      await feed.close();
      await config.close();
      await test.stop();
    }
  });
});
