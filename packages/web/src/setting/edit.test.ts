import { describe, expect, it } from 'vitest';
import type { ListedEntry } from '../api/replies.ts';
import { edited, stateOf } from './edit.ts';

const entry = (value: string, revision: number): ListedEntry => ({
  key: 'k',
  value,
  revision,
  changed_at: null,
  changed_by: 'bob',
  invalid: null,
  masked: false,
});
const begun = edited(null, '2', { key: 'k', entry: entry('1', 5), isSecret: false });

describe('an edit', () => {
  it('keeps what it began from, whatever comes after', () => {
    expect(edited(begun, '3', { key: 'k', entry: entry('9', 6), isSecret: false })).toMatchObject({
      value: '3',
      baseValue: '1',
      baseRevision: 5,
    });
  });

  it.each([
    ['changed while the entry is as it was', begun, entry('1', 5), 'changed'],
    ['overtaken by another value', begun, entry('9', 6), 'overtaken'],
    ['overtaken by a write that has no revision', begun, entry('9', 5), 'overtaken'],
    ['overtaken by a deletion', begun, undefined, 'overtaken'],
    ['done once the entry is what was wanted', begun, entry('2', 6), 'none'],
    ['none where it is what it began from', { ...begun, value: '1' }, entry('1', 5), 'none'],
    [
      'a change where an empty text is set for the first time',
      edited(null, '', { key: 'k', entry: undefined, isSecret: false }),
      undefined,
      'changed',
    ],
    ['of a secret, overtaken by its revision alone', { ...begun, isSecret: true }, entry('••••••', 6), 'overtaken'],
  ] as const)('is %s', (_, edit, now, state) => {
    expect(stateOf(edit, now)).toBe(state);
  });
});
