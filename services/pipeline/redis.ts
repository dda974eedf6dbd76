import { createClient } from '@redis/client';
import type { Logger } from 'pino';

export type Redis = ReturnType<typeof createRedis>;

/** Longer than the longest wait for an item, so that it is the queue that answers, not the timer. */
const REPLY_MS = 5_000;

/**
 * A connection for commands. While Redis is away they fail at once: what is not known to be stored was not accepted, and
 * whoever takes from a queue tries again.
 */
export async function connectRedis(url: string, name: string, logger: Logger): Promise<Redis> {
  const redis = createRedis(url, name);
  // Without a listener, losing Redis would end the process.
  redis.on('error', (error: Error) => logger.warn({ err: error.message }, 'no Redis'));
  await redis.connect();
  return redis;
}

function createRedis(url: string, name: string) {
  return createClient({
    url,
    name,
    disableOfflineQueue: true,
    commandOptions: { timeout: REPLY_MS },
    socket: {
      connectTimeout: REPLY_MS,
      socketTimeout: 2 * REPLY_MS,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 2_000) * (0.5 + Math.random() / 2),
    },
    pingInterval: REPLY_MS / 2,
  });
}
