import { expect, it } from 'vitest';
import { retryDelayMs } from './retry-delay.ts';

it('doubles from a second to an hour, and stays there', () => {
  const delays = [1, 2, 3, 12, 13, 1_000].map((attempts) => retryDelayMs(attempts, 0) / 1_000);
  expect(delays).toEqual([1, 2, 4, 2_048, 3_600, 3_600]);
});

it('is shortened at random by up to half', () => {
  expect([retryDelayMs(3, 0.5), retryDelayMs(3, 1)]).toEqual([3_000, 2_000]);
});
