import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withBug } from '../support/seeded-bug.ts';
import { root } from './row-tests.ts';
import { ROWS } from './rows.ts';
import { SEEDED_BUGS } from './seeded-bugs.ts';

it.each(SEEDED_BUGS)('$name can still be put where it belongs', async (bug) => {
  const source = await readFile(join(root, bug.file), 'utf8');
  const spoiled = withBug(bug, source);
  expect(spoiled).not.toBe(source);
  expect(ROWS.map(({ row }) => row)).toEqual(expect.arrayContaining([...bug.rows]));
});

it('A bug whose text is gone, or is there twice, is refused with a sentence that says so', () => {
  const bug = { name: 'b', what: '', file: 'a.ts', find: 'x', replace: 'y', rows: [1] };
  expect(() => withBug(bug, 'a')).toThrow(
    'The seeded bug b cannot be put into a.ts: what it replaces is there 0 times',
  );
  expect(() => withBug(bug, 'x x')).toThrow('2 times');
  expect(withBug(bug, 'a x b')).toBe('a y b');
});

it('Each name is of one bug', () => {
  const names = SEEDED_BUGS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
