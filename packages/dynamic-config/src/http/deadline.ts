/** The time that was given is over. */
export class DeadlineError extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.name = 'DeadlineError';
  }
}

/**
 * Runs a task with a signal that aborts it when it gave no sign of life (`alive`) for a while, or when `ending` does.
 * The timer is gone afterwards, and keeps no process alive.
 *
 * @throws DeadlineError
 */
export async function withDeadline<T>(
  timeoutMs: number,
  ending: AbortSignal,
  task: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const end = (): void => controller.abort(ending.reason);
  const timer = setTimeout(() => controller.abort(new DeadlineError(timeoutMs)), timeoutMs);
  timer.unref();
  ending.addEventListener('abort', end);
  if (ending.aborted) end();
  try {
    return await task(controller.signal, () => void timer.refresh());
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    ending.removeEventListener('abort', end);
  }
}
