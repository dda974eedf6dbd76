import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atMostEach } from './at-most-each.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('atMostEach', () => {
  it('calls at once, and once more when what was asked for may be there', () => {
    const call = vi.fn();
    const { ask } = atMostEach(1_000, call);
    ask();
    expect(call).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(10_000);
    expect(call).toHaveBeenCalledTimes(2);
  });

  it('calls now and then while it is asked without end, and once a while after the last time', () => {
    const call = vi.fn();
    const { ask } = atMostEach(1_000, call);
    for (let n = 0; n < 500; n += 1) {
      ask();
      vi.advanceTimersByTime(10);
    }
    expect(call.mock.calls.length).toBeGreaterThanOrEqual(5);
    expect(call.mock.calls.length).toBeLessThanOrEqual(6);
    ask();
    const before = call.mock.calls.length;
    vi.advanceTimersByTime(2_000);
    expect(call.mock.calls.length).toBeGreaterThan(before);
    const after = call.mock.calls.length;
    vi.advanceTimersByTime(10_000);
    expect(call).toHaveBeenCalledTimes(after);
  });

  it('calls no more once it is stopped', () => {
    const call = vi.fn();
    const { ask, stop } = atMostEach(1_000, call);
    ask();
    stop();
    vi.advanceTimersByTime(10_000);
    expect(call).toHaveBeenCalledTimes(1);
  });
});
