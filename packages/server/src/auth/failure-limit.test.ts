import { expect, it } from 'vitest';
import { fakeClock } from '../../test/fake-clock.ts';
import { FailureLimit } from './failure-limit.ts';

const clock = fakeClock();
const limit = (mostSubjects = 100): FailureLimit => new FailureLimit({ free: 3, everyMs: 10_000, mostSubjects }, clock);

/** How many attempts get through. */
function failures(one: FailureLimit, subject: string, attempts: number): number {
  let passed = 0;
  for (let n = 0; n < attempts; n++) {
    try {
      one.attempt(subject);
      passed++;
    } catch {
      // Held back.
    }
  }
  return passed;
}

it('lets a few failures pass, and then one more every so often', () => {
  const one = limit();
  expect(failures(one, 'a', 10)).toBe(3);
  clock.advance(9_999);
  expect(failures(one, 'a', 10)).toBe(0);
  clock.advance(1);
  expect(failures(one, 'a', 10)).toBe(1);
  clock.advance(1_000_000);
  expect(failures(one, 'a', 10)).toBe(3);
});

it('says when to try again', () => {
  const one = limit();
  failures(one, 'a', 3);
  clock.advance(2_500);
  expect(() => one.attempt('a')).toThrow(
    expect.objectContaining({ code: 'too_many_requests', retryAfterS: 8 }) as Error,
  );
});

it('counts no attempt that succeeds, and each subject by itself', () => {
  const one = limit();
  for (let n = 0; n < 10; n++) one.attempt('a')();
  failures(one, 'a', 3);
  expect([failures(one, 'a', 1), failures(one, 'b', 1)]).toEqual([0, 1]);
});

it('counts attempts that are still under way', () => {
  const one = limit();
  const takeBack = [1, 2, 3].map(() => one.attempt('a'));
  expect(failures(one, 'a', 1)).toBe(0);
  takeBack.forEach((success) => success());
  expect(failures(one, 'a', 1)).toBe(1);
});

it('remembers a bounded number of subjects, and no more of one that was let off', () => {
  const one = limit(2);
  failures(one, 'a', 3);
  failures(one, 'b', 3);
  failures(one, 'c', 1);
  expect([failures(one, 'b', 1), failures(one, 'a', 1)]).toEqual([0, 1]);
});
