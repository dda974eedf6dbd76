import type { Redis } from './redis.ts';
import { Script } from './script.ts';

const script = new Script('take-permits');

/** Tenths of a second: permits are spread over the window. */
const SLICES = 10;

export interface PermitOptions {
  /** Fewer than these are of no use, and none is taken then. Default 1. */
  readonly atLeast?: number;
  /** Whether permits are spread over the second, instead of all there at its start. Default false. */
  readonly paced?: boolean;
}

/**
 * Takes up to `wanted` permits from the window of one second that everybody with this key shares, peers that count with
 * INCR and EXPIRE among them. A window begins with the first permit taken from it, so two windows may meet: within any
 * second, at most twice the limit, or, paced, a tenth more.
 *
 * @param limit permits a second
 * @returns how many were granted, and in how many milliseconds there may be more.
 */
export async function takePermits(
  redis: Redis,
  key: string,
  limit: number,
  wanted: number,
  { atLeast = 1, paced = false }: PermitOptions = {},
): Promise<{ readonly granted: number; readonly retryAfterMs: number }> {
  const args = [limit, wanted, atLeast, paced ? SLICES : 1].map(String);
  const [granted, retryAfterMs] = (await script.run(redis, [key], args)) as [number, number];
  return { granted, retryAfterMs };
}
