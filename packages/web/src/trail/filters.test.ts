import { expect, it } from 'vitest';
import { onlyAt, toQuery, withFilter } from './filters.ts';
import { fromLocalInput, periodWords, toLocalInput } from './period.ts';
import { dayWords } from './days.ts';

it('filters are a query of the API', () => {
  expect(toQuery({ key: 'moog_*', text: 'a b' }, { limit: '5' })).toBe('key=moog_*&text=a+b&limit=5');
});

it('a filter that is emptied is gone', () => {
  expect(withFilter({ key: 'a', text: 'b' }, 'key', '  ')).toEqual({ text: 'b' });
  expect(withFilter({ key: 'a' }, 'key', null)).toEqual({});
  expect(withFilter({ key: 'a' }, 'text', ' b ')).toEqual({ key: 'a', text: 'b' });
});

it('a moment is a period of one millisecond, since its end is not in it', () => {
  expect(onlyAt('2026-06-01T12:00:00.999Z')).toEqual({
    from: '2026-06-01T12:00:00.999Z',
    to: '2026-06-01T12:00:01.000Z',
  });
});

it('a time goes into an input and comes back', () => {
  expect(fromLocalInput(toLocalInput('2026-06-01T12:34:00.000Z'))).toBe('2026-06-01T12:34:00.000Z');
  expect(toLocalInput('nonsense')).toBe('');
  expect(fromLocalInput('')).toBeUndefined();
});

it.each([
  [undefined, undefined, /^Any time$/],
  ['2026-06-01T12:00:00Z', undefined, /^Since \d+ \w+,? \d\d:\d\d$/],
  [undefined, '2025-06-01T12:00:00Z', /^Before .*2025/],
  ['2026-06-01T12:00:00.000Z', '2026-06-01T12:00:00.001Z', /^\d+ \w+,? \d\d:\d\d$/],
  ['nonsense', undefined, /^Since nonsense$/],
])('the period from %s to %s has words', (from, to, words) => {
  expect(periodWords({ from, to }, Date.parse('2026-11-25T12:00:00Z'))).toMatch(words);
});

it('days are named as people name them', () => {
  const at = (day: number, hour: number, year = 2026): string => new Date(year, 10, day, hour).toISOString();
  const nowMs = new Date(2026, 10, 25, 0, 5).getTime();
  expect(dayWords(at(25, 0), nowMs)).toBe('Today');
  expect(dayWords(at(24, 23), nowMs)).toBe('Yesterday');
  expect(dayWords(at(23, 12), nowMs)).toMatch(/^Monday,? 23 November$/);
  expect(dayWords(at(23, 12, 2025), nowMs)).toMatch(/23 November 2025$/);
});
