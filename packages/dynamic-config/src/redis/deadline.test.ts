import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deadline } from './deadline.ts';

const TIMEOUT_MS = 2_000;
/** What lies there unread is read before anything is called late. */
const POLLED_MS = 2;

let late: string[];
let deadline: Deadline;

beforeEach(() => {
  vi.useFakeTimers();
  late = [];
  deadline = new Deadline(TIMEOUT_MS, (what) => late.push(what));
});
afterEach(() => {
  deadline.stop();
  vi.useRealTimers();
});

describe('replies on one connection', () => {
  it('are late when nothing was answered for as long as allowed', async () => {
    deadline.begin('GET');
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
    expect(late).toEqual([]);
    await vi.advanceTimersByTimeAsync(1 + POLLED_MS);
    expect(late).toEqual(['GET']);
  });

  it('are not late while each comes within that time after the one before', async () => {
    const asked = Array.from({ length: 10 }, (_, n) => deadline.begin(`SET ${n}`));
    for (const one of asked) {
      await vi.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
      deadline.end(one);
    }
    await vi.advanceTimersByTimeAsync(10 * TIMEOUT_MS);
    expect(late).toEqual([]);
  });

  it('are late when one is passed over, though later ones are answered', async () => {
    deadline.begin('GET');
    for (let n = 0; n < 4; n++) {
      deadline.end(deadline.begin('PING'));
      await vi.advanceTimersByTimeAsync(TIMEOUT_MS / 4);
    }
    await vi.advanceTimersByTimeAsync(POLLED_MS);
    expect(late).toEqual(['GET']);
  });

  it('are not late when they lay there unread while the process was held up', async () => {
    const asked = deadline.begin('GET');
    // Due with the deadline, and after it: what a loop that was held up reads first is after its timers.
    setTimeout(() => setImmediate(() => deadline.end(asked)), TIMEOUT_MS);
    await vi.runAllTimersAsync();
    expect(late).toEqual([]);
  });

  it('are watched by no timer when nothing is asked', async () => {
    deadline.end(deadline.begin('GET'));
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS + POLLED_MS);
    expect(vi.getTimerCount()).toBe(0);
  });
});
