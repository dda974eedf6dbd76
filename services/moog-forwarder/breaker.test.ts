import { describe, expect, it } from 'vitest';
import { afterFailure, afterSuccess, afterWaiting, CLOSED, openForMs } from './breaker.ts';
import type { Breaker } from './breaker.ts';

const failing = (times: number, at = 0, from: Breaker = CLOSED): Breaker =>
  Array.from({ length: times }).reduce<Breaker>((breaker) => afterFailure(breaker, at, 5), from);

describe('the circuit breaker', () => {
  it('opens after so many failures in a row, and not before', () => {
    expect(failing(4)).toEqual({ state: 'closed', failures: 4 });
    expect(failing(5, 7)).toEqual({ state: 'open', since: 7 });
  });

  it('counts failures in a row only', () => {
    expect(failing(4, 0, failing(4) && afterSuccess()).state).toBe('closed');
  });

  it('lets one try when it has been open for long enough', () => {
    const open = failing(5, 1_000);
    expect(afterWaiting(open, 10_999, 10_000)).toBe(open);
    expect(openForMs(open, 10_999, 10_000)).toBe(1);
    expect(afterWaiting(open, 11_000, 10_000)).toEqual({ state: 'half_open' });
  });

  it('goes by how long it is to be open now, not by what that was when it opened', () => {
    expect(afterWaiting(failing(5, 1_000), 2_000, 500).state).toBe('half_open');
  });

  it('opens again, from then on, when the try fails, and closes when it succeeds', () => {
    expect(afterFailure({ state: 'half_open' }, 99, 5)).toEqual({ state: 'open', since: 99 });
    expect(afterSuccess()).toEqual(CLOSED);
  });

  it('does not stay open longer for the failure of a request from before it opened', () => {
    expect(failing(9, 50, failing(5, 10))).toEqual({ state: 'open', since: 10 });
  });
});
