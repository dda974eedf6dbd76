import type { Redis } from './redis.ts';
import { Script } from './script.ts';

const script = new Script('offer');

/**
 * Puts items on a queue, all of them or, where they would make it longer than `maxLength`, none.
 *
 * @returns whether they were accepted, and how long the queue is now.
 */
export async function offer(
  redis: Redis,
  queue: string,
  items: readonly string[],
  maxLength: number,
): Promise<{ readonly accepted: boolean; readonly length: number }> {
  const [accepted, length] = (await script.run(redis, [queue], [String(maxLength), ...items])) as [number, number];
  return { accepted: accepted === 1, length };
}
