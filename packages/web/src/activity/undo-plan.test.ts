import { describe, expect, it } from 'vitest';
import type { AuditRecord, ListedEntry } from '../api/replies.ts';
import { undoStepsOf } from './undo-plan.ts';

function record(change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: 1,
    changed_at: '2026-06-01T12:00:00.000Z',
    changed_by: 'alice',
    operation: 'UPDATE',
    key: 'a',
    old_values: { value: '1' },
    new_values: { value: '2' },
    reason: null,
    correlation_id: null,
    epoch: 'e',
    revision: 5,
    source: 'commit',
    hash: '',
    previous_hash: '',
    ...change,
  };
}

function entries(value: string | null, change: Partial<ListedEntry> = {}): ReadonlyMap<string, ListedEntry> {
  if (value === null) return new Map();
  const entry = { key: 'a', value, revision: 5, changed_at: null, changed_by: 'bob', invalid: null, masked: false };
  return new Map([['a', { ...entry, ...change }]]);
}

describe('what undoing does', () => {
  it('is to go from what a key holds to what it held', () => {
    expect(undoStepsOf([record()], entries('2'))).toEqual([
      { key: 'a', now: '2', afterwards: '1', isMasked: false, changedSince: null },
    ]);
  });

  it('is to delete what was added, and to bring back what was deleted', () => {
    expect(undoStepsOf([record({ old_values: null })], entries('2'))).toMatchObject([{ now: '2', afterwards: null }]);
    expect(undoStepsOf([record({ new_values: null })], entries(null))).toMatchObject([
      { now: null, afterwards: '1', changedSince: null },
    ]);
  });

  it('takes back what somebody did since, and says whose that is', () => {
    expect(undoStepsOf([record()], entries('3', { revision: 6 }))).toMatchObject([
      { now: '3', afterwards: '1', changedSince: { changed_by: 'bob', revision: 6 } },
    ]);
    expect(undoStepsOf([record()], entries(null))).toMatchObject([{ changedSince: 'deleted' }]);
    expect(undoStepsOf([record({ new_values: null })], entries('9'))).toMatchObject([{ changedSince: { value: '9' } }]);
  });

  it('is nothing where all is as it was before', () => {
    expect(undoStepsOf([record()], entries('1', { revision: 6 }))).toEqual([]);
  });

  it('is not told of secrets', () => {
    const masked = { value: '••••••' };
    const steps = undoStepsOf(
      [record({ old_values: masked, new_values: masked })],
      entries('••••••', { masked: true }),
    );
    expect(steps).toMatchObject([{ isMasked: true }]);
  });
});
