const AFTER_MS = 500;
const STEP_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const CLEAR_LINE = '\r\u001b[K';

/** Says on a terminal what takes longer than half a second, and takes it back when it is done. */
export async function withProgress<T>(what: string | (() => string), task: Promise<T>): Promise<T> {
  if (!process.stderr.isTTY || process.env['TERM'] === 'dumb') return task;
  const startedAt = performance.now();
  let steps = 0;
  const timer = setInterval(() => {
    if (performance.now() - startedAt < AFTER_MS) return;
    process.stderr.write(`${CLEAR_LINE}${FRAMES[steps++ % FRAMES.length]} ${typeof what === 'string' ? what : what()}`);
  }, STEP_MS);
  timer.unref();
  try {
    return await task;
  } finally {
    clearInterval(timer);
    if (steps > 0) process.stderr.write(CLEAR_LINE);
  }
}
