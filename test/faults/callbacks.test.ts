import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { converges, Invariants, readConstantly, Told } from '../support/invariants.ts';
import { report, rounded } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';

const MIB = 1024 * 1024;

describe('row 28: callbacks that misbehave', () => {
  it('(throw, reject, hang) disturb no other callback, no other key, no read', async () => {
    await using scenario = await Scenario.start();
    const failures: string[] = [];
    const config = await scenario.connect(scenario.redis, {
      onError: (error, key) => failures.push(`${key}: ${String(error)}`),
    });
    const writer = await scenario.connect();
    let hanging = 0;
    config.registerCallback('a', () => {
      throw new Error('thrown');
    });
    config.registerCallback('a', () => Promise.reject(new Error('rejected')));
    config.registerCallback('a*', () => {
      hanging += 1;
      return new Promise(() => {});
    });
    const told = new Told(config);
    const stopReading = readConstantly(config);
    for (let n = 0; n < 50; n++) {
      await writer.commit(['a', 'b'].map((key) => ({ key, value: `${n}` })));
      await until('the callbacks know it', () => told.last.get('a') === `${n}` && told.last.get('b') === `${n}`);
    }
    await converges(scenario.redis, [config]);
    expect(stopReading().errors).toEqual([]);
    await until('all failures are told', () => failures.length === 100);
    expect([hanging, new Set(failures)]).toEqual([1, new Set(['a: Error: thrown', 'a: Error: rejected'])]);
    expect(config.status().state).toBe('live');
  });

  it('(set other keys, and their own) come to rest where the last of them says', async () => {
    await using scenario = await Scenario.start();
    const invariants = new Invariants();
    const [config, other] = [await scenario.connect(), await scenario.connect()];
    for (const each of [config, other]) invariants.observe(each);
    config.registerCallback('a', async (_, value) => void (await config.set('derived', `of ${value}`)));
    config.registerCallback('count', async (key, value) => {
      if (Number(value) < 20) await config.set(key, Number(value) + 1);
    });
    other.registerCallback('derived', async (_, value) => void (await other.set('derived-again', `${value}`)));
    const told = new Told(other);
    await config.set('count', 0);
    for (let n = 0; n < 30; n++) await config.set('a', n);
    await until('all is at rest', () => other.get('derived-again', null) === 'of 29' && other.get('count') === '20');
    await converges(scenario.redis, [config, other]);
    await told.knowsAll();
    expect(invariants.violations).toEqual([]);
  });

  it('(unregister themselves, or one another, or register more) are called no more, and the others are', async () => {
    await using scenario = await Scenario.start();
    const config = await scenario.connect();
    const calls: string[] = [];
    const stops: (() => void)[] = [];
    stops.push(
      config.registerCallback('a', (_, value) => {
        calls.push(`once ${value}`);
        for (const stop of stops) stop();
        config.registerCallback('a', (_, later) => void calls.push(`late ${later}`));
      }),
    );
    stops.push(config.registerCallback('a', (_, value) => void calls.push(`never ${value}`)));
    const told = new Told(config);
    for (const value of ['1', '2', '3']) {
      await config.set('a', value);
      await until('the others know it', () => told.last.get('a') === value);
    }
    await until('the late one knows it', () => calls.includes('late 3'));
    expect(calls.filter((call) => call.startsWith('once'))).toEqual(['once 1']);
    expect(calls.filter((call) => call.startsWith('never'))).toEqual([]);
    expect(calls.filter((call) => call.startsWith('late'))).toEqual(['late 2', 'late 3']);
  });

  it('leave nothing behind when they are gone', async () => {
    await using scenario = await Scenario.start();
    const config = await scenario.connect();
    const churn = async (): Promise<void> => {
      for (let n = 0; n < 20; n++) {
        const held = Array.from({ length: 500 }, (_, key) =>
          config.registerCallback(key % 2 === 0 ? 'a' : `key-${n}-${key}`, () => new Promise(() => {})),
        );
        await config.set('a', n);
        for (const stop of held) stop();
      }
    };
    await churn();
    const before = heapBytes();
    await churn();
    await churn();
    const growth = heapBytes() - before;
    expect(growth).toBeLessThan(4 * MIB);
    report({
      row: 28,
      scenario: 'callbacks that throw, hang, set, unregister',
      injected: '20,000 registrations, half of them hanging',
      invariants: 'N C U',
      figures: { heapGrowthMB: rounded(growth / MIB) },
    });
  });
});

/** What is really in use. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
