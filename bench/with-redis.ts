import { startRedis } from '../test/support/redis-server.ts';
import type { RedisServer } from '../test/support/redis-server.ts';

/** Runs a measure on a Redis of its own, so that nothing of an earlier one is in its way. */
export async function withRedis<T>(measure: (redis: RedisServer) => Promise<T>): Promise<T> {
  const redis = await startRedis();
  try {
    return await measure(redis);
  } finally {
    await redis.stop();
  }
}
