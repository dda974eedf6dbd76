import type { Redis } from './redis.ts';
import { Script } from './script.ts';

const script = new Script('take-permits');

/**
 * Takes up to `wanted` permits from the window of one second that everybody with this key shares, peers that count with
 * INCR and EXPIRE among them. A window begins with the first permit taken from it, so two windows may meet: within any
 * second, at most twice the limit.
 *
 * @param limit permits a second
 * @returns how many were granted, and in how many milliseconds the next window may begin.
 */
export async function takePermits(
  redis: Redis,
  key: string,
  limit: number,
  wanted: number,
): Promise<{ readonly granted: number; readonly retryAfterMs: number }> {
  const reply = (await script.run(redis, [key], [String(limit), String(wanted)])) as [number, number];
  return { granted: reply[0], retryAfterMs: reply[1] };
}
