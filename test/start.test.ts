import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { makeDataDir } from './support/data-dir.ts';
import { startRedis } from './support/redis-server.ts';
import { startServerProcess } from './support/server-process.ts';
import type { ServerProcess } from './support/server-process.ts';

let folder: string;
let cleanUps: (() => Promise<unknown>)[];

beforeEach(async () => {
  folder = await makeDataDir('mutt-start-');
  cleanUps = [];
});
afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  await rm(folder, { recursive: true, force: true });
});

async function start(env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ MUTT_DATA_DIR: folder, ...env });
  cleanUps.push(() => server.stop());
  return server;
}

async function call(
  server: ServerProcess,
  method: string,
  path: string,
  apiKey: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'x-api-key': apiKey, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return response.json();
}

// Making a database takes seconds, and many more on a busy machine.
describe('npm start', { timeout: 120_000 }, () => {
  it('answers, is killed, and finds everything again', async () => {
    const fresh = { MUTT_DATA_DIR: join(folder, 'fresh') };
    const first = await start(fresh);
    expect(first.apiKey).not.toBe('');
    expect(
      await call(first, 'PUT', '/api/v1/config/cache_reload_interval', first.apiKey, { value: 600, reason: 'why' }),
    ).toMatchObject({
      key: 'cache_reload_interval',
      value: '600',
      message: 'Configuration updated successfully',
      revision: 1,
    });
    await first.kill('SIGKILL');
    const second = await start(fresh);
    expect(second.output()).not.toContain(first.apiKey);
    expect(await call(second, 'GET', '/api/v1/config/cache_reload_interval', first.apiKey)).toMatchObject({
      value: '600',
      revision: 1,
      changed_by: 'admin',
    });
    expect(await second.kill('SIGINT')).toBe(0);
  });

  it('takes the admin key from MUTT_API_KEY on the first start, and never prints or stores it', async () => {
    const apiKey = 'a-key-of-my-own-that-is-long-enough';
    const server = await start({ MUTT_API_KEY: apiKey });
    expect(await call(server, 'GET', '/api/v1/config', apiKey)).toMatchObject({ config: {}, count: 0 });
    expect(server.output()).not.toContain(apiKey);
  });

  it('refuses a data folder that another server uses', async () => {
    await start();
    await expect(start()).rejects.toThrow(`${folder} is in use by process`);
  });

  it('ends with one sentence when its database is damaged', async () => {
    const first = await start();
    await first.kill('SIGKILL');
    await writeFile(join(folder, 'database', 'global', 'pg_control'), 'x'.repeat(8192));
    const refusal = await start().catch((error: unknown) => error as Error);
    expect(refusal).toBeInstanceOf(Error);
    expect((refusal as Error).message).toMatch(
      /^The server ended: The database in .* cannot be opened .*put a backup.*\n$/,
    );
  });

  it('keeps the entries in Redis when told to, beside services that use it directly', async () => {
    const redis = await startRedis();
    cleanUps.push(() => redis.stop());
    const server = await start({ REDIS_URL: redis.url });
    const service = await DynamicConfig.connect(redis.url);
    cleanUps.push(() => service.close());
    await call(server, 'PUT', '/api/v1/config/a', server.apiKey, { value: true });
    await until('the service sees it', () => service.get('a', null) === 'true');
    await redis.cli('SET', 'mutt:config:a', 'raw');
    await until('the server sees a raw write', async () => {
      const { value } = (await call(server, 'GET', '/api/v1/config/a', server.apiKey)) as { value: string };
      return value === 'raw';
    });
    expect((await redis.cli('KEYS', 'mutt:config:*')).split('\n')).toEqual(['mutt:config:a']);
  });
});
