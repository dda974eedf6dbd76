import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startRedis } from '../support/redis-server.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('the settings of all services are seeded from the environment of v2.3, by muttctl', async () => {
  const redis = await startRedis();
  try {
    const environment = { CACHE_RELOAD_INTERVAL: '120', MAX_INGEST_QUEUE_SIZE: '5000', MOOG_RATE_LIMIT: '77' };
    const init = ['packages/muttctl/bin/muttctl.js', 'config', 'init', '--settings', 'services/dist/settings.js'];
    await promisify(execFile)(process.execPath, init, {
      cwd: root,
      env: { ...process.env, ...environment, REDIS_URL: redis.url },
    });
    const keys = ['cache_reload_interval', 'max_ingest_queue_size', 'moog_rate_limit', 'moog_batch_size'];
    expect(await redis.cli('MGET', ...keys.map((key) => `mutt:config:${key}`))).toBe('120\n5000\n77\n100');
    expect(await redis.cli('GET', 'mutt:config:alerter_shed_mode')).toBe('dlq');
  } finally {
    await redis.stop();
  }
});
