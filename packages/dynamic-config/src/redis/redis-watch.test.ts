import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { StoreUnavailableError } from '../errors.ts';
import type { StoreEvent } from '../store.ts';
import { RedisNamespace } from './namespace.ts';
import { RedisWatch } from './redis-watch.ts';

/** The pause between two attempts never grows beyond this. */
const MOST_MS = 5_000;
const OUTAGE_MS = 24 * 60 * 60 * 1000;

// Only the time of timers: an hour passes when a test says so.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('a watch whose Redis is gone for a day', () => {
  it('never gives up, and is never further than five seconds from its next attempt', async () => {
    const events: StoreEvent['type'][] = [];
    const gone = new StoreUnavailableError('No Redis is there.');
    const watch = new RedisWatch({
      session: {
        endpoint: {
          close() {},
          location: 'redis://gone',
          database: 0,
          canMove: false,
          onMoved: () => () => {},
          resolve: () => Promise.reject(gone),
        },
        protocol: { version: 3 },
        timeoutMs: 2_000,
      },
      namespace: new RedisNamespace('mutt:config'),
      listener: ({ type }) => void events.push(type),
      warn: () => {},
      clock: systemClock,
      commands: () => Promise.reject(gone),
    });
    let longestMs = 0;
    let sinceMs = 0;
    for (let passedMs = 0; passedMs < OUTAGE_MS; passedMs += MOST_MS / 4) {
      const attempts = events.length;
      await vi.advanceTimersByTimeAsync(MOST_MS / 4);
      sinceMs = events.length === attempts ? sinceMs + MOST_MS / 4 : 0;
      longestMs = Math.max(longestMs, sinceMs);
    }
    expect(new Set(events)).toEqual(new Set(['disconnected']));
    expect(longestMs).toBeLessThanOrEqual(MOST_MS);
    await watch.stop();
  });
});
