import { rm } from 'node:fs/promises';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDir } from '../../../../test/support/data-dir.ts';
import { startRedis, type RedisServer } from '../../../../test/support/redis-server.ts';
import { startServer, type RunningServer } from '../../../server/src/index.ts';
import { runMuttctl, type Outcome } from '../../test/run-muttctl.ts';

const API_KEY = 'correct-horse-battery-staple';

describe('restore', () => {
  let dataDir: string;
  let redis: RedisServer;
  let server: RunningServer;

  beforeAll(async () => {
    dataDir = await makeDataDir('muttctl-restore-');
    redis = await startRedis();
    await start();
  });
  afterAll(async () => {
    await server.close();
    await redis.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const key of ['a', 'b']) expect(await muttctl('config', 'set', key, '1')).toMatchObject({ exitCode: 0 });
    await redis.cli('FLUSHALL');
    await until('the alarm', async () =>
      (await (await fetch(`${server.url}/readyz`)).text()).includes('store_emptied'),
    );
  });

  async function start(): Promise<void> {
    server = await startServer({
      host: '127.0.0.1',
      port: 0,
      dataDir,
      entries: { store: 'redis', url: redis.url },
      apiKey: API_KEY,
      logLevel: 'silent',
    });
  }

  const muttctl = (...args: string[]): Promise<Outcome> =>
    runMuttctl([...args, '--url', server.url], { env: { MUTT_API_KEY: API_KEY } });

  it('puts back what an emptied Redis lost', async () => {
    expect(await redis.cli('KEYS', 'mutt:config:*')).toBe('');
    const { stdout, stderr, exitCode } = await muttctl('restore', '--reason', 'flushed by mistake');
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: expect.stringMatching(/^Restored: 2 keys \(revision \d+\)\n$/) as string,
      stderr: '',
      exitCode: 0,
    });
    expect(await redis.cli('MGET', 'mutt:config:a', 'mutt:config:b')).toBe('1\n1');
    expect((await muttctl('restore')).stdout).toContain('Nothing is lost');
  });

  it('gives it up with --accept-loss', async () => {
    const { stdout, exitCode } = await muttctl('restore', '--accept-loss', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ given_up: 2, revision: expect.any(Number) as number });
    expect(await muttctl('config', 'get', 'a')).toMatchObject({ exitCode: 3 });
  });

  it('puts back with --from-trail what no process holds any more', async () => {
    await server.close();
    await start();
    expect((await muttctl('restore')).stdout).toContain('Nothing is lost');
    expect(await muttctl('config', 'set', 'b', 'new')).toMatchObject({ exitCode: 0 });
    const { stdout, exitCode } = await muttctl('restore', '--from-trail', '--json');
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, { restored: 1, revision: 2 }]);
    expect(await redis.cli('MGET', 'mutt:config:a', 'mutt:config:b')).toBe('1\nnew');
    expect((await muttctl('restore', '--from-trail')).stdout).toContain('the audit trail knows no value');
  });

  it.each([
    [['--at', '1'], '--at goes with --from-trail'],
    [['--from-trail', '--accept-loss'], 'either --accept-loss or --from-trail'],
    [['--from-trail', '--at', 'soon'], 'is a time such as'],
  ])('refuses %j', async (args, message) => {
    const { stderr, exitCode } = await muttctl('restore', ...args);
    expect([exitCode, stderr]).toEqual([expect.any(Number), expect.stringContaining(message)]);
    expect(exitCode).not.toBe(0);
    await muttctl('restore', '--accept-loss');
  });

  it('ends with 5 without the API key, and with 2 for a Redis', async () => {
    expect(await runMuttctl(['restore', '--url', server.url])).toMatchObject({ exitCode: 5 });
    const { stderr, exitCode } = await runMuttctl(['restore', '--url', redis.url]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Name the server with --url http://')]);
    await muttctl('restore', '--accept-loss');
  });
});
