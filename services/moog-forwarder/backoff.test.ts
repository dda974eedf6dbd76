import { describe, expect, it } from 'vitest';
import { backoffMs, retryAfterMs } from './backoff.ts';

const limits = { baseMs: 200, maxMs: 30_000 };

describe('the wait after failures', () => {
  it.each([
    [1, 200],
    [2, 400],
    [5, 3_200],
    [9, 30_000],
    [5_000, 30_000],
  ])('after %i in a row is anything up to %i ms', (failures, mostMs) => {
    expect(backoffMs(failures, limits, () => 0)).toBe(0);
    expect(backoffMs(failures, limits, () => 0.5)).toBe(mostMs / 2);
    expect(backoffMs(failures, limits, () => 1)).toBe(mostMs);
  });

  it('is no shorter than what is asked for, unless that is beyond all bounds', () => {
    expect(backoffMs(1, limits, () => 0.5, 7_000)).toBe(7_000);
    expect(backoffMs(1, limits, () => 0.5, 9e9)).toBe(30_000);
    expect(backoffMs(6, limits, () => 1, 10)).toBe(6_400);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it.each([
    ['seconds', '3', 3_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['a date that has passed', 'Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['nothing', null, 0],
    ['rubbish', '-1 or so', 0],
    ['a number without end', '9'.repeat(400), 0],
  ])('of %s is understood', (_, header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
