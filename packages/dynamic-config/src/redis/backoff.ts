const FIRST_MS = 50;
const MOST_MS = 5_000;

/** Waits before the next attempt: doubling, capped, spread over a fleet; ends at once when `stopping`. */
export function backoff(failures: number, stopping: AbortSignal): Promise<void> {
  const delayMs = Math.min(FIRST_MS * 2 ** Math.min(failures, 16), MOST_MS) * (0.5 + Math.random() / 2);
  return new Promise((resolve) => {
    if (stopping.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    timer.unref();
    stopping.addEventListener('abort', done);
  });
}
