import { expect, it } from 'vitest';
import { toChanges } from './change-set.ts';
import { InvalidChangeSetError } from './errors.ts';
import { settleLoss } from './settle-loss.ts';
import type { LoggedCommit } from './store.ts';

const MIB = 1024 * 1024;
const valuesOf = (character: string, count: number): { key: string; value: string }[] =>
  Array.from({ length: count }, (_, n) => ({ key: `k${n}`, value: character.repeat(MIB) }));

it.each([
  ['8 MiB of plain text', valuesOf('x', 7)],
  ['5 MiB of quotes', valuesOf('"', 5)],
  ['1 MiB of control characters', valuesOf('\u0001', 1)],
])('%s are a change set', (_, changes) => {
  expect(toChanges(changes)).toHaveLength(changes.length);
});

it.each([
  ['over 8 MiB', valuesOf('x', 8), '8 MiB'],
  ['over 12 MiB as JSON: quotes', valuesOf('"', 7), '12 MiB'],
  ['over 12 MiB as JSON: control characters', valuesOf('\u0001', 3), '12 MiB'],
])('%s is too large, and it says so', (_, changes, limit) => {
  expect(() => toChanges(changes)).toThrow(InvalidChangeSetError);
  expect(() => toChanges(changes)).toThrow(limit);
});

it('what is restored goes into as many change sets as that takes', async () => {
  const values = new Map(valuesOf('\u0001', 5).map(({ key, value }) => [key, value]));
  const sizes: number[] = [];
  const config = {
    get: (key: string) => values.get(key) ?? null,
    commit: async (changes: Parameters<typeof toChanges>[0]) => {
      sizes.push(toChanges(changes).length);
      return {} as LoggedCommit;
    },
  };
  const loss = { head: { epoch: 'e', revision: 1, hash: 'h' }, keys: new Set(values.keys()) };
  await settleLoss(config, loss, 'restore', {});
  expect(sizes).toEqual([1, 1, 1, 1, 1]);
  sizes.length = 0;
  await settleLoss(config, loss, 'delete', {});
  expect(sizes).toEqual([5]);
});
