import { describe, expect, it } from 'vitest';
import { converges, Invariants, readConstantly, Told } from '../support/invariants.ts';
import { quantile, report, rounded } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';

const INSTANCES = 50;
const WRITES = 300;

describe('row 1: steady writes to 50 instances', () => {
  it('arrive everywhere, whole, in order, and at the callbacks', async () => {
    await using scenario = await Scenario.start();
    const invariants = new Invariants({ pairs: [['left', 'right']] });
    const configs = await Promise.all(Array.from({ length: INSTANCES }, () => scenario.connect()));
    const sentAtMs = new Map<string, number>();
    const delaysMs: number[] = [];
    const told = configs.map((config, n) => {
      invariants.observe(config, `instance ${n}`);
      config.subscribe(({ commit }) => {
        const sent = sentAtMs.get(commit?.requestId ?? '');
        if (sent !== undefined) delaysMs.push(performance.now() - sent);
      });
      return new Told(config);
    });
    const [writer, reader] = configs;
    if (writer === undefined || reader === undefined) throw new Error('No instances');
    const stopReading = readConstantly(reader, () => invariants.look(reader));
    for (let n = 0; n < WRITES; n++) {
      const value = String(n);
      for (const key of ['left', 'right', 'single']) invariants.wrote(key, value);
      sentAtMs.set(`write-${n}`, performance.now());
      const pair = ['left', 'right'].map((key) => ({ key, value }));
      const commit = await (n % 5 === 4
        ? writer.set('single', value, { requestId: `write-${n}` })
        : writer.commit(pair, { requestId: `write-${n}` }));
      invariants.acknowledged(commit);
    }
    await converges(scenario.redis, configs);
    for (const each of told) await each.knowsAll();
    expect(stopReading()).toMatchObject({ errors: [] });
    await invariants.ends(scenario.redis, writer.history({ afterRevision: 0 }));
    expect(invariants.violations).toEqual([]);
    expect(delaysMs.length).toBeGreaterThanOrEqual(0.95 * INSTANCES * WRITES);
    report({
      row: 1,
      scenario: `steady writes, ${INSTANCES} instances`,
      injected: `${WRITES} change sets`,
      invariants: 'V M T C N',
      figures: {
        p50Ms: quantile(delaysMs, 0.5),
        p99Ms: quantile(delaysMs, 0.99),
        maxMs: rounded(Math.max(...delaysMs)),
      },
    });
  });
});
