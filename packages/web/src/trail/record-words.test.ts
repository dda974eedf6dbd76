import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../api/replies.ts';
import { changeSetsOf } from './change-sets.ts';
import { cutTo, sentenceOf } from './record-words.ts';

let id = 100;
function record(change: Partial<AuditRecord> = {}): AuditRecord {
  id -= 1;
  return {
    id,
    changed_at: '2026-06-01T12:00:00.000Z',
    changed_by: 'alice',
    operation: 'UPDATE',
    key: 'a',
    old_values: { value: '1' },
    new_values: { value: '2' },
    reason: null,
    correlation_id: null,
    epoch: 'e',
    revision: 1,
    source: 'commit',
    hash: '',
    previous_hash: '',
    ...change,
  };
}

const words = (records: readonly AuditRecord[], mayHaveMore = false): string => {
  const [set] = changeSetsOf(records);
  if (set === undefined) throw new Error('There is no change set.');
  const { who, did, key } = sentenceOf(set, mayHaveMore);
  return [who, did, key].filter((part) => part !== null).join(' ');
};

describe('a change set in words', () => {
  it.each([
    ['one that was changed', [record()], 'alice changed a'],
    ['one that was added', [record({ operation: 'CREATE' })], 'alice added a'],
    ['one that was deleted', [record({ operation: 'DELETE' })], 'alice deleted a'],
    ['several', [record(), record({ key: 'b' }), record({ key: 'c' })], 'alice changed 3 settings'],
    [
      'all kinds together',
      [record(), record({ operation: 'CREATE' }), record({ operation: 'DELETE' })],
      'alice changed 1, added 1 and deleted 1 setting',
    ],
    ['one of which nobody said who did it', [record({ changed_by: null })], 'Somebody changed a'],
    [
      'one that was written past us',
      [record({ source: 'out-of-band', changed_by: null })],
      'Written directly in Redis, past us: a',
    ],
    [
      'one that was deleted past us',
      [record({ source: 'out-of-band', changed_by: null, operation: 'DELETE' })],
      'Deleted directly in Redis, past us: a',
    ],
    ['a gap', [record({ operation: 'GAP', key: null, source: 'gap' })], 'Records are missing here'],
    ['a look at a secret', [record({ operation: 'REVEAL', revision: null })], 'alice read the secret a'],
  ])('tells %s', (_, records, sentence) => {
    expect(words(records)).toBe(sentence);
  });

  it('does not claim to know how many there are while there may be more', () => {
    expect(words([record(), record()], true)).toBe('alice changed 2 or more settings');
    expect(words([record()], true)).toBe('alice changed 1 or more settings');
    expect(words([record({ operation: 'REVEAL', revision: null })], true)).toBe('alice read the secret a');
  });
});

describe('change sets', () => {
  it('are the records of a revision, in a row', () => {
    const sets = changeSetsOf([record({ revision: 2 }), record(), record()]);
    expect(sets.map(({ records }) => records.length)).toEqual([1, 2]);
  });

  it('are two where a failover had two of the same revision', () => {
    expect(changeSetsOf([record({ changed_at: '2026-06-01T12:00:01.000Z' }), record()])).toHaveLength(2);
    expect(changeSetsOf([record({ epoch: 'f' }), record()])).toHaveLength(2);
  });

  it('never take in gaps and reads of secrets', () => {
    expect(changeSetsOf([record({ operation: 'GAP' }), record({ operation: 'REVEAL' }), record()])).toHaveLength(3);
  });
});

it('a text of somebody is cut, and cannot turn itself around', () => {
  expect(cutTo(5, 'abcdefgh')).toBe('abcde…');
  expect(cutTo(50, '\u202Egnp.exe')).toBe('⟨U+202E⟩gnp.exe');
});
