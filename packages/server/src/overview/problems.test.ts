import { expect, it } from 'vitest';
import { problemsOf } from './problems.ts';
import type { Facts } from './problems.ts';

const WELL: Facts = {
  state: 'live',
  alarm: null,
  lost: 0,
  isDatabaseDown: false,
  isAuditDown: false,
  backlog: 3,
  gaps: 0,
  invalid: 0,
  conflicts: 0,
  outOfBand: 0,
};

it('finds nothing wrong where all is well', () => {
  expect(problemsOf(WELL)).toEqual([]);
  expect(problemsOf({ ...WELL, backlog: null })).toEqual([]);
});

it.each<[string, Partial<Facts>, string, string]>([
  ['a store out of reach', { state: 'offline' }, 'critical', 'changes are refused'],
  ['a store that does not prove that it is current', { state: 'stale' }, 'critical', 'served from memory'],
  ['a store that cannot announce writes', { state: 'polling' }, 'warning', 'after seconds'],
  ['an emptied store', { alarm: { code: 'store_emptied' }, lost: 7 }, 'critical', '7 values are kept'],
  ['a database that is down', { isDatabaseDown: true, isAuditDown: true, backlog: 12 }, 'critical', '12 change sets'],
  ['a trail that cannot be written', { isAuditDown: true, backlog: 2 }, 'critical', 'cannot be written'],
  ['a trail that does not keep up', { backlog: 5_000 }, 'warning', '5000 change sets wait'],
  ['a gap in the trail', { gaps: 1 }, 'warning', 'in one place'],
  ['values that are refused', { invalid: 2 }, 'warning', '2 values are refused'],
  ['services that do not agree', { conflicts: 1 }, 'warning', 'what a setting may hold'],
  ['writes past us', { outOfBand: 1 }, 'warning', '1 change of the last 24 hours'],
])('says of %s what is wrong, and what to do', (_, facts, severity, sentence) => {
  const problems = problemsOf({ ...WELL, ...facts });
  expect(problems).toMatchObject([{ severity, sentence: expect.stringContaining(sentence) as string }]);
  expect(problems[0]?.whatToDo).toMatch(/^[A-Z].+\.$/);
});

it('tells the worst first', () => {
  const problems = problemsOf({ ...WELL, state: 'polling', invalid: 1, isDatabaseDown: true });
  expect(problems.map(({ code }) => code)).toEqual(['database_down', 'store_polled', 'values_invalid']);
});
