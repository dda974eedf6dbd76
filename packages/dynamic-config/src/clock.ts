/** Time, as the library sees it; tests pass their own. */
export interface Clock {
  /** Milliseconds on a clock that never jumps. */
  now(): number;
  /**
   * Calls `task` once after `delayMs`; the returned function cancels it. A waiting task doesn't keep the process alive,
   * but for one that somebody awaits (`holdsProcess`).
   */
  after(delayMs: number, task: () => void, options?: { readonly holdsProcess: boolean }): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, task, { holdsProcess } = { holdsProcess: false }) {
    const timer = setTimeout(task, delayMs);
    if (!holdsProcess) timer.unref();
    return () => clearTimeout(timer);
  },
};
