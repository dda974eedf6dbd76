import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { converges } from '../support/invariants.ts';
import { report, rounded } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';
import { seedOfRun } from '../support/seed.ts';

const isFull = process.env['FAULTS'] === 'full';
const RUNS = isFull ? 1_000 : 100;
const KEY_COUNT = isFull ? 100_000 : 20_000;
const MIB = 1024 * 1024;

const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  '[a]*',
  '*',
  '..',
  'a\r\nSET b c',
  'a\0b',
  '\u202ekey',
  '',
  'updates',
];
const VALUES = ['', '\0', '\r\n+OK\r\n', '$-1\r\n', '\ud800', '\u202egnp.exe', '\ufeff', '{"__proto__":1}', '=1+1'];

const anyKey = fc.oneof(
  fc.constantFrom(...KEYS),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.stringMatching(/^[\w.:/-]{1,20}$/),
);
const anyValue = fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

describe('row 31: whatever keys and values hold,', () => {
  it('they come back as they were, or are refused with a clear error', { timeout: 120_000 }, async () => {
    await using scenario = await Scenario.start();
    const [config, other] = [await scenario.connect(), await scenario.connect()];
    let [stored, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(anyKey, anyValue, async (key, value) => {
        try {
          await config.set(key, value);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect((error as ConfigError).code).toMatch(
            /^(key_invalid|invalid_key|value_invalid|invalid_value|invalid_\w+)$/,
          );
          refused += 1;
          return;
        }
        stored += 1;
        expect(config.get(key)).toBe(value);
        await until('the other has it', () => other.get(key, null) === value);
      }),
      { seed: seedOfRun, numRuns: RUNS },
    );
    await converges(scenario.redis, [config, other]);
    expect(Math.min(stored, refused)).toBeGreaterThan(0);
    report({
      row: 31,
      scenario: `${RUNS} keys and values at random, hostile ones among them`,
      injected: `fuzz, seed ${seedOfRun}`,
      invariants: 'C',
      figures: { crashes: 0, stored, refused },
    });
  });

  it(`${KEY_COUNT} keys, and a value of 1 MiB, are loaded and kept current`, { timeout: 120_000 }, async () => {
    await using scenario = await Scenario.start();
    const fill = `for i = 1, ${KEY_COUNT} do redis.call('SET', 'mutt:config:key_' .. i, i) end`;
    await scenario.redis.cli('EVAL', fill, '0');
    const config = await scenario.connect(scenario.redis, { startupTimeoutMs: 60_000 });
    expect(config.status().entries).toBe(KEY_COUNT);
    const big = 'x'.repeat(MIB);
    await config.set('big', big);
    await scenario.redis.cli('SET', 'mutt:config:key_5000', 'changed');
    const changedAtMs = performance.now();
    await until('it is seen', () => config.get('key_5000') === 'changed', 60_000);
    const seenMs = performance.now() - changedAtMs;
    expect(config.get('big')).toBe(big);
    await expect(config.set('big', `${big}x`)).rejects.toBeInstanceOf(ConfigError);
    report({
      row: 31,
      scenario: `${KEY_COUNT} keys, a value of 1 MiB, one of a byte more`,
      injected: 'EVAL, set',
      invariants: 'C',
      figures: { crashes: 0, seenAmongAllMs: rounded(seenMs) },
    });
  });
});
