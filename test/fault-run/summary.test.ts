import { expect, it } from 'vitest';
import { filesOfRows, patternOf, rowsOf } from './row-tests.ts';
import { ROWS } from './rows.ts';
import type { RunResult } from './run-tests.ts';
import { figureText, holds, strays, summarize } from './summary.ts';

const result: RunResult = {
  tests: [
    { name: 'row 1: a holds', hasPassed: true, messages: [] },
    { name: 'with PostgreSQL row 1, over HTTP: b holds', hasPassed: false, messages: ['AssertionError: T\n    at x'] },
    { name: 'row 12: c holds', hasPassed: true, messages: [] },
    { name: 'a.test.ts', hasPassed: false, messages: ['SyntaxError'] },
  ],
  skipped: ['row 12: d holds'],
  findings: [
    { row: 1, scenario: 'a', injected: 'RST', invariants: 'V', figures: { healedMs: 4, state: 'live' } },
    { row: 1, scenario: 'b', injected: 'RST', invariants: 'V', figures: { healedMs: 2, state: 'stale' } },
    { row: 12, scenario: 'c', injected: 'STOP', invariants: 'H', figures: { lost: 0 } },
  ],
};

it('Each row has its own tests, what failed of them, and the range of each figure', () => {
  const [one, twelve] = summarize(result, [1, 12]);
  expect(one).toMatchObject({
    row: 1,
    runs: 2,
    violations: 1,
    injected: ['a (RST)', 'b (RST)'],
    failures: ['with PostgreSQL row 1, over HTTP: b holds: AssertionError: T'],
  });
  expect(figureText(one?.figures ?? {})).toBe('healed ms 2 to 4, state live or stale');
  expect(twelve).toMatchObject({ runs: 1, violations: 0, skipped: ['row 12: d holds'] });
  expect(figureText(twelve?.figures ?? {})).toBe('lost 0');
  expect(figureText({ mostClientKiBPerMinute: [1, 1], rssMB: [2, 2] })).toBe('most client KiB per minute 1, rss MB 2');
});

it('What holds was run, and had no violation', () => {
  expect(summarize(result, [1, 12, 2]).map((summary) => holds([summary]))).toEqual([false, true, false]);
});

it('What failed without being of a row is told all the same', () => {
  expect(strays(result)).toEqual(['a.test.ts: SyntaxError']);
});

it('The pattern finds the tests of the rows asked for, and no others', () => {
  const pattern = new RegExp(patternOf([1, 35]));
  expect(result.tests.map(({ name }) => pattern.test(name))).toEqual([true, true, false, false]);
  expect(new RegExp(patternOf([1], 'b (h)')).test('row 1: b (h) x')).toBe(true);
  expect(new RegExp(patternOf([1], 'b (h)')).test('row 1: b h x')).toBe(false);
  expect(rowsOf('x row 3, over HTTP: y')).toEqual([3]);
});

it('Every row has tests', async () => {
  const tested = new Set([...(await filesOfRows()).values()].flat());
  expect(ROWS.filter(({ row }) => !tested.has(row)).map(({ row }) => row)).toEqual([]);
});
