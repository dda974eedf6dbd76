import { describe, expect, it } from 'vitest';
import type { TooManyRequestsError } from './errors.ts';
import { RateLimit } from './rate-limit.ts';

function limitOf(perSecond: number): { take: (subject: string) => number | null; pass: (ms: number) => void } {
  let nowMs = 0;
  const limit = new RateLimit({ perSecond, now: () => nowMs });
  return {
    /** Seconds after which to ask again; null: let through. */
    take(subject) {
      try {
        limit.take(subject);
        return null;
      } catch (error) {
        return (error as TooManyRequestsError).retryAfterS;
      }
    },
    pass: (ms) => (nowMs += ms),
  };
}

describe('a sender', () => {
  it('may send twice a second’s worth at once, and then at the rate', () => {
    const { take, pass } = limitOf(2);
    expect(Array.from({ length: 5 }, () => take('a'))).toEqual([null, null, null, null, 1]);
    pass(500);
    expect([take('a'), take('a')]).toEqual([null, 1]);
    pass(60_000);
    expect(Array.from({ length: 5 }, () => take('a'))).toEqual([null, null, null, null, 1]);
  });

  it('is not held back for what others send', () => {
    const { take } = limitOf(1);
    expect([take('a'), take('a'), take('a'), take('b')]).toEqual([null, null, 1, null]);
  });

  it('is still held back when many others were seen since', () => {
    const { take, pass } = limitOf(1);
    take('a');
    take('a');
    for (let n = 0; n < 10_001; n++) take(`other-${n}`);
    expect(take('a')).toBe(1);
    pass(5_000);
    for (let n = 0; n < 10_001; n++) take(`another-${n}`);
    expect(take('a')).toBeNull();
  });
});
