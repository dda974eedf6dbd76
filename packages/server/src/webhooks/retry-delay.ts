const FIRST_MS = 1_000;
const MOST_MS = 60 * 60 * 1_000;

/** How long a delivery is tried before it is given up. */
export const GIVE_UP_MS = 3 * 24 * 60 * 60 * 1_000;

/**
 * How long to wait after an attempt that failed: twice as long each time, from 1 s to an hour.
 *
 * @param attempts made so far, from 1.
 * @param random from 0 to 1: takes up to half of it away, so that receivers are not all tried at once.
 */
export function retryDelayMs(attempts: number, random: number): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 30));
  return Math.round(most * (1 - random / 2));
}
