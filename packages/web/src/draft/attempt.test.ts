import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/api-error.ts';
import { failedAttempt, nextAttempt, type Attempt } from './attempt.ts';

const content = { changes: [], reason: 'why', force: false };
const error = (code: string, status: number): ApiError => new ApiError('x', { code, status });
let ids = 0;
const next = (last: Attempt | null, more = {}): Attempt =>
  nextAttempt(last, { ...content, ...more }, () => `id-${(ids += 1)}`);

describe('an attempt to apply changes', () => {
  it.each([
    ['the store did not confirm it', error('outcome_unknown', 504)],
    ['there was no answer', error('unreachable', 0)],
    ['a proxy gave up', error('unknown', 504)],
  ])('is sent again under its id where %s, so that it is applied once', (_, failure) => {
    const first = next(null);
    expect(next(failedAttempt(first, failure)).requestId).toBe(first.requestId);
  });

  it('is another one where it is known that nothing was applied, or where it is not the same', () => {
    const first = next(null);
    expect(next(failedAttempt(first, error('store_unavailable', 503))).requestId).not.toBe(first.requestId);
    const unknown = failedAttempt(first, error('outcome_unknown', 504));
    expect(next(unknown, { reason: 'another' }).requestId).not.toBe(first.requestId);
    expect(next(unknown, { changes: [] }).requestId).not.toBe(first.requestId);
  });

  it('stays unknown while the next ones do not reach the store, until one does', () => {
    const unknown = failedAttempt(next(null), error('outcome_unknown', 504));
    const still = failedAttempt(next(unknown), error('store_unavailable', 503));
    expect(still).toMatchObject({ isUnknown: true, requestId: unknown.requestId });
    expect(failedAttempt(next(still), error('revision_conflict', 412)).isUnknown).toBe(false);
  });
});
