import { expect, it } from 'vitest';
import type { AuditRecord } from '../api/replies.ts';
import { changeSetsOf } from '../trail/change-sets.ts';
import { rowsOf } from './rows.ts';

const record = (id: number, changed_at: string, revision = id): AuditRecord => ({
  id,
  changed_at,
  changed_by: 'alice',
  operation: 'UPDATE',
  key: `key ${id}`,
  old_values: null,
  new_values: null,
  reason: null,
  correlation_id: null,
  epoch: 'e',
  revision,
  source: 'commit',
  hash: '',
  previous_hash: '',
});

const now = new Date(2026, 10, 25, 12);
const yesterday = new Date(2026, 10, 24, 12);
const sets = changeSetsOf([
  record(4, now.toISOString()),
  record(3, now.toISOString(), 2),
  record(2, now.toISOString(), 2),
  record(1, yesterday.toISOString()),
]);

it('change sets are below the day that they were made on', () => {
  const rows = rowsOf(sets, { open: new Set(), hasMore: false, nowMs: now.getTime() });
  expect(rows.map((row) => (row.kind === 'day' ? row.words : row.kind))).toEqual([
    'Today',
    'set',
    'set',
    'Yesterday',
    'set',
  ]);
});

it('one that is open is followed by what there is to know of it, and by each of its changes', () => {
  const open = new Set([sets[1]?.id ?? '']);
  const rows = rowsOf(sets, { open, hasMore: false, nowMs: now.getTime() });
  expect(rows.map(({ kind }) => kind)).toEqual(['day', 'set', 'set', 'about', 'change', 'change', 'day', 'set']);
});

it('only the last one may have more, and only while older records are not loaded', () => {
  const mayHaveMore = (hasMore: boolean): boolean[] =>
    rowsOf(sets, { open: new Set(), hasMore, nowMs: now.getTime() }).flatMap((row) =>
      row.kind === 'set' ? [row.mayHaveMore] : [],
    );
  expect(mayHaveMore(true)).toEqual([false, false, true]);
  expect(mayHaveMore(false)).toEqual([false, false, false]);
});
