import { until } from '@mutt/dynamic-config/testing';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { RuleCache } from './rule-cache.ts';

const logger = pino({ level: 'silent' });

/** A cache of rules that are called after how often they were read. */
function cacheOf(read: (count: number) => unknown, maxAgeMs = 3_600_000) {
  let count = 0;
  const source = { name: 'the test', read: async () => read((count += 1)) };
  const cache = new RuleCache({ source, maxAgeMs: () => maxAgeMs, logger });
  onTestFinished(() => cache.close());
  return cache;
}

function rulesOf(count: number): object {
  const rule = { match_type: 'contains', match: 'x', priority: 1, prod_handling: 'page', dev_handling: 'page' };
  return { rules: [{ ...rule, name: `read ${count}`, team: 'noc' }] };
}

const nameIn = ({ current }: RuleCache): string | undefined => current?.rules[0]?.name;

it('reads the rules again by itself when they are old', async () => {
  const cache = cacheOf(rulesOf, 5);
  await cache.reload();
  await until('they were read three times', () => nameIn(cache) === 'read 3');
});

it('keeps the last good rules while they cannot be read, says why, and tries again', async () => {
  let isBroken = false;
  const cache = cacheOf((count) => (isBroken ? Promise.reject(new Error('no such table')) : rulesOf(count)), 5);
  await cache.reload();
  isBroken = true;
  await until('it failed', () => cache.problem);
  expect(cache.problem).toBe('The rules of the test cannot be read: no such table');
  expect(nameIn(cache)).toMatch(/^read/);
  isBroken = false;
  await until('it works again', () => cache.problem === null);
});

it('has no rules until they can be read', async () => {
  const cache = cacheOf((count) => (count === 1 ? 'rubbish' : rulesOf(count)), 5);
  await cache.reload();
  expect([cache.current, cache.problem]).toEqual([null, expect.stringContaining('These are no rules')]);
  await until('they can be read', () => cache.current);
});

it('reads once more what somebody asks for while it is read', async () => {
  let answer = (_: unknown): void => {};
  const first = new Promise<unknown>((resolve) => (answer = resolve));
  const cache = cacheOf((count) => (count === 1 ? first : rulesOf(count)));
  const reloads = [cache.reload(), cache.reload(), cache.reload()];
  answer(rulesOf(1));
  await Promise.all(reloads);
  expect(nameIn(cache)).toBe('read 2');
});
