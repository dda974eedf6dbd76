/**
 * Waits for a condition: resolves with what `check` returns as soon as that is truthy.
 *
 * @throws after `timeoutMs`, naming `what` and the last error that `check` threw.
 */
export async function until<T>(what: string, check: () => T | Promise<T>, timeoutMs = 20_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const result = await check();
      if (result) return result;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
