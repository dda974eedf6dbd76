/** The time of day, and what is done time and again; tests pass their own. */
export interface WallClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `task` every so often; the returned function ends that. Keeps no process alive. */
  every(periodMs: number, task: () => void): () => void;
}

export const wallClock: WallClock = {
  now: () => Date.now(),
  every(periodMs, task) {
    const timer = setInterval(task, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};
