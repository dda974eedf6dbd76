import type { WallClock } from '../src/wall-clock.ts';

/** A clock that a test moves. */
export interface FakeClock extends WallClock {
  /** Moves on, and does what is due by then. */
  advance(ms: number): void;
}

export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  const tasks = new Set<{ readonly periodMs: number; readonly task: () => void; dueMs: number }>();
  return {
    now: () => nowMs,
    every(periodMs, task) {
      const entry = { periodMs, task, dueMs: nowMs + periodMs };
      tasks.add(entry);
      return () => tasks.delete(entry);
    },
    advance(ms) {
      nowMs += ms;
      for (const entry of tasks) {
        if (entry.dueMs > nowMs) continue;
        entry.dueMs = nowMs + entry.periodMs;
        entry.task();
      }
    },
  };
}
