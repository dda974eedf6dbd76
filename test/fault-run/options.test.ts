import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it('Without options all rows are run, then the seeded bugs, with a new seed and ten minutes of row 35', () => {
  const { rows, ...others } = parseOptions([]);
  expect(rows).toEqual(Array.from({ length: 35 }, (_, n) => n + 1));
  expect(others).toEqual({ runsRows: true, seed: null, minutes: 10, isJson: false, triesBugs: true });
});

it.each([
  ['1', [1]],
  ['1-3', [1, 2, 3]],
  ['8,1-2, 2', [1, 2, 8]],
  ['35', [35]],
])('--rows %s are these alone, each once, and the bugs that they must notice', (text, rows) => {
  expect(parseOptions(['--rows', text])).toMatchObject({ rows, triesBugs: true });
});

it.each([['0'], ['36'], ['8-1'], ['a'], [''], ['1-'], ['1,,2']])(
  '--rows %j is refused, with how it is used',
  (text) => {
    expect(() => parseOptions([`--rows=${text}`])).toThrow('npm run test:faults -- [--rows');
  },
);

it('The others are a whole number, a number above 0, and flags', () => {
  expect(parseOptions(['--seed', '7', '--minutes=0.5', '--json', '--no-bugs'])).toMatchObject({
    seed: 7,
    minutes: 0.5,
    isJson: true,
    triesBugs: false,
  });
  expect(parseOptions(['--bugs-only', '--rows=2'])).toMatchObject({ rows: [2], runsRows: false, triesBugs: true });
  for (const wrong of ['--seed=x', '--seed=1.5', '--minutes=0', '--minutes=x', '--row=1'])
    expect(() => parseOptions([wrong])).toThrow();
});
