import { describe, expect, it } from 'vitest';
import type { AuditOperation, AuditRecord } from '../api/replies.ts';
import { plottedOf, toStep } from './steps-of-history.ts';

let ids = 0;
const record = (operation: AuditOperation, value: string | null, more: Partial<AuditRecord> = {}): AuditRecord => ({
  id: ++ids,
  changed_at: '2026-11-25T12:00:00.000Z',
  changed_by: 'alice',
  operation,
  key: 'k',
  old_values: null,
  new_values: value === null ? null : { value },
  reason: null,
  correlation_id: null,
  epoch: 'e',
  revision: 1,
  source: 'commit',
  hash: '',
  previous_hash: '',
  ...more,
});
const at = (seconds: number): Partial<AuditRecord> => ({ changed_at: new Date(seconds * 1_000).toISOString() });

describe('a step of the history', () => {
  it.each([
    [record('CREATE', '1'), 'alice set it'],
    [record('UPDATE', '1'), 'alice changed it'],
    [record('DELETE', null), 'alice deleted it'],
    [record('REVEAL', null), 'alice looked at it in clear'],
    [record('GAP', null, { source: 'gap', changed_by: null }), 'null Some of its changes may be missing here'],
    [record('UPDATE', '1', { changed_by: null, source: 'out-of-band' }), 'Somebody changed it'],
  ])('is told in words, %#', (one, words) => {
    const { who, what } = toStep(one);
    expect(`${who} ${what}`).toBe(words);
  });

  it('of a look or a gap is no change to compare or to go back to', () => {
    expect([toStep(record('REVEAL', null)).change, toStep(record('GAP', null)).change]).toEqual([null, null]);
    expect(toStep(record('UPDATE', '2', { old_values: { value: '1' } })).change).toEqual({ before: '1', after: '2' });
  });

  it('that was written past the server says so', () => {
    expect(toStep(record('UPDATE', '1', { source: 'out-of-band' })).note).toContain('directly');
  });
});

describe('plottedOf', () => {
  it('draws numbers from the oldest to now, with a hole where there was none', () => {
    const steps = [
      record('CREATE', '3', at(40)),
      record('DELETE', null, at(30)),
      record('UPDATE', '2.5', at(20)),
      record('CREATE', '1', at(10)),
    ].map(toStep);
    expect(plottedOf(steps, 50_000)).toEqual({ times: [10, 20, 30, 40, 50], values: [1, 2.5, null, 3, 3] });
  });

  it('draws nothing of words, or of a single value', () => {
    expect(plottedOf([record('UPDATE', 'b'), record('CREATE', 'a')].map(toStep), 0)).toBeNull();
    expect(plottedOf([record('CREATE', '1')].map(toStep), 0)).toBeNull();
  });
});
