export interface BackoffLimits {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait after so many failures in a row: exponential, with full jitter, so that forwarders that failed together
 * do not come back together. What the other side asks for is heeded, up to `maxMs`.
 */
export function backoffMs(
  failures: number,
  { baseMs, maxMs }: BackoffLimits,
  random: () => number,
  askedMs = 0,
): number {
  // From 2 ** 1024 on it would be Infinity, which still is more than maxMs.
  const ceilingMs = Math.min(maxMs, baseMs * 2 ** Math.max(0, failures - 1));
  return Math.max(random() * ceilingMs, Math.min(askedMs, maxMs));
}

/** What a Retry-After header asks for, in milliseconds: seconds, or a date. 0 for none, and for rubbish. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - nowMs);
}
