/**
 * A circuit breaker, as a value and the events that change it. Time is milliseconds on whatever clock the caller has.
 *
 * - closed: requests go out; so many failures in a row open it.
 * - open: nothing goes out until it has been open for a while.
 * - half-open: one request goes out, and its outcome closes or opens it.
 */
export type Breaker =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly since: number }
  | { readonly state: 'half_open' };

export const CLOSED: Breaker = { state: 'closed', failures: 0 };

/** After an answer that says that the other side works. Also one to a request from before it opened. */
export function afterSuccess(): Breaker {
  return CLOSED;
}

export function afterFailure(breaker: Breaker, now: number, threshold: number): Breaker {
  // Of a request from before it opened: no reason to wait longer.
  if (breaker.state === 'open') return breaker;
  const failures = breaker.state === 'closed' ? breaker.failures + 1 : threshold;
  return failures < threshold ? { state: 'closed', failures } : { state: 'open', since: now };
}

/** As time passes. */
export function afterWaiting(breaker: Breaker, now: number, openMs: number): Breaker {
  return breaker.state === 'open' && openForMs(breaker, now, openMs) === 0 ? { state: 'half_open' } : breaker;
}

/** How long it stays open yet. How long that is in all may change meanwhile. */
export function openForMs(breaker: Breaker, now: number, openMs: number): number {
  return breaker.state === 'open' ? Math.max(0, breaker.since + openMs - now) : 0;
}
