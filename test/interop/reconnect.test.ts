import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from '@mutt/dynamic-config';
import type { ConnectOptions, State } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { startChild } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

let redis: RedisServer;
let warnings: string[];
let open: DynamicConfig[];

beforeEach(async () => {
  redis = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
  warnings = [];
  open = [];
});
afterEach(async () => {
  for (const config of open) await config.close();
  await redis.stop();
});

async function connect(url = redis.url, options: ConnectOptions = {}): Promise<DynamicConfig> {
  const logger = {
    warn: (message: string) => warnings.push(message),
    error: (message: string) => warnings.push(message),
  };
  const config = await DynamicConfig.connect(url, { cacheTtl: 0.5, logger, ...options });
  open.push(config);
  return config;
}

const reaches = (config: DynamicConfig, state: State): Promise<unknown> =>
  until(`the state ${state}`, () => config.status().state === state, 20_000);

describe('an instance whose connection is cut', () => {
  it('sees what was set, deleted and written past us meanwhile, and tells its callbacks the final state', async () => {
    const [reader, writer] = [await connect(), await connect()];
    await writer.commit([
      { key: 'set', value: '1' },
      { key: 'deleted', value: '1' },
      { key: 'raw', value: '1' },
    ]);
    await until('the reader sees them', () => reader.get('raw', null) === '1');
    const told: Record<string, string | undefined> = {};
    for (const key of ['set', 'deleted', 'raw']) reader.registerCallback(key, (_, value) => void (told[key] = value));
    // Cut both again and again while the changes happen.
    for (const value of ['2', '3']) {
      await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await writer.set('set', value);
      await redis.cli('SET', 'mutt:config:raw', value);
    }
    await writer.delete('deleted');
    await until(
      'it is current again',
      () => reader.get('set') === '3' && reader.get('raw') === '3' && reader.get('deleted', null) === null,
    );
    await until('the callbacks know', () => told['set'] === '3' && told['raw'] === '3' && 'deleted' in told);
    expect(told['deleted']).toBeUndefined();
    await reaches(reader, 'live');
    expect(reader.status().lastError).toBeNull();
  });

  it('is pushed changes again afterwards, also those that went past us', async () => {
    const config = await connect();
    await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until('it noticed', () => config.status().lastError !== null || config.status().state !== 'live');
    await reaches(config, 'live');
    await redis.cli('SET', 'mutt:config:a', '1');
    await until('the write', () => config.get('a', null) === '1');
  });
});

describe('an instance whose Redis goes away', () => {
  it('goes on reading, says that it is offline, and is current again by itself when Redis is back', async () => {
    const config = await connect();
    await config.set('a', '1');
    redis.process.kill('SIGKILL');
    await reaches(config, 'offline');
    expect([config.get('a'), config.watcherRunning, config.status().lastError?.message]).toEqual([
      '1',
      false,
      expect.stringContaining('cannot be reached'),
    ]);
    await expect(config.set('a', '2')).rejects.toMatchObject({ code: 'store_unavailable' });
    await redis.restart();
    await redis.cli('SET', 'mutt:config:a', '3');
    await until('it is current again', () => config.get('a') === '3');
    await reaches(config, 'live');
    await config.set('a', '4');
    expect(config.get('a')).toBe('4');
  });

  it('notices within cacheTtl that a frozen Redis does not answer', async () => {
    const config = await connect();
    await config.set('a', '1');
    redis.process.kill('SIGSTOP');
    try {
      await until('it says so', () => !config.watcherRunning);
      expect(config.get('a')).toBe('1');
      const slow = config.set('a', '2', { requestId: 'the-slow-one' });
      await expect(slow).rejects.toMatchObject({ code: 'outcome_unknown', requestId: 'the-slow-one' });
    } finally {
      redis.process.kill('SIGCONT');
    }
    await reaches(config, 'live');
    await config.set('a', '2', { requestId: 'the-slow-one' });
    const applied = [];
    for await (const commit of config.history({ afterRevision: 1 })) applied.push(commit.requestId);
    expect([applied, config.get('a')]).toEqual([['the-slow-one'], '2']);
  });
});

describe('connecting', () => {
  it('gives up within startupTimeoutMs where nothing listens, and says why', async () => {
    const port = await freePort();
    const error = await connect(`redis://user:secret@127.0.0.1:${port}`, { startupTimeoutMs: 300 }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    expect(String(error)).not.toContain('secret');
  });

  it.each([true, false])('gives up in time where nothing answers (startWatcher: %s)', async (startWatcher) => {
    redis.process.kill('SIGSTOP');
    const startedAtMs = performance.now();
    const connecting = connect(redis.url, { startupTimeoutMs: 2_500, startWatcher });
    await expect(connecting).rejects.toMatchObject({ code: 'store_unavailable' });
    redis.process.kill('SIGCONT');
    const tookMs = performance.now() - startedAtMs;
    expect(tookMs).toBeGreaterThan(2_400);
    expect(tookMs).toBeLessThan(3_000);
  });

  it.each([true, false])('waits for a Redis that is there within the time (startWatcher: %s)', async (startWatcher) => {
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    const connecting = connect(url, { startupTimeoutMs: 10_000, startWatcher });
    await redis.cli('SET', 'mutt:config:a', '1');
    const late = await TcpProxy.open(redis.port, port);
    expect((await connecting).get('a')).toBe('1');
    await late.close();
  });

  it('gives up with an error in a process that has nothing else to do', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    const waiting = await startChild(new URL('waiting-service.ts', import.meta.url), [url]);
    expect({ exitCode: await waiting.exited, errors: waiting.json() }).toEqual({
      exitCode: 1,
      errors: [{ code: 'store_unavailable' }],
    });
  });

  it('fails at once where waiting would not help: wrong password, missing rights', async () => {
    await redis.cli('ACL', 'SETUSER', 'reader', 'on', '>right', '~none:*', '+@all');
    await expect(connect(redis.url.replace('//', '//reader:wrong@'))).rejects.toMatchObject({
      code: 'store_refused',
    });
    await expect(connect(redis.url.replace('//', '//reader:right@'))).rejects.toMatchObject({
      code: 'store_refused',
    });
  });

  it.each([
    ['an unknown scheme', 'ftp://host', {}],
    ['no URL at all', 'localhost:6379 please', {}],
    ['a prefix with a wildcard', 'redis://127.0.0.1', { prefix: 'a*' }],
  ])('refuses %s', async (_, url, options) => {
    await expect(connect(url, options)).rejects.toMatchObject({ code: 'option_invalid' });
  });

  it('polls, and says so, where RESP3 is not spoken', async () => {
    const old = await startRedis('--rename-command', 'HELLO', '');
    try {
      const [config, writer] = [await connect(old.url), await connect(old.url)];
      expect(config.status()).toMatchObject({ state: 'polling', mode: 'polling' });
      expect(warnings[0]).toContain('RESP3');
      await writer.set('k', '1');
      await until('a commit is seen', () => config.get('k', null) === '1');
      await old.cli('SET', 'mutt:config:k', '2');
      await until('a raw write is seen', () => config.get('k') === '2');
      await config.close();
      await writer.close();
    } finally {
      await old.stop();
    }
  });

  it('polls, and says so, where Redis may not track for it', async () => {
    await redis.cli('ACL', 'SETUSER', 'limited', 'on', '>pw', '~*', '&*', '+@all', '-client|tracking');
    const config = await connect(redis.url.replace('//', '//limited:pw@'), { cacheTtl: 0.1 });
    expect(config.status().state).toBe('polling');
    expect(warnings).toEqual([expect.stringContaining('polling')]);
    await redis.cli('SET', 'mutt:config:a', '1');
    await until('the write is polled', () => config.get('a', null) === '1');
    await redis.cli('SET', 'mutt:config:a', '2');
    await redis.cli('PUBLISH', 'mutt:config:updates', 'a');
    await until('the next write', () => config.get('a', null) === '2');
    expect(config.watcherRunning).toBe(true);
  });

  it('uses the database that the URL names', async () => {
    const config = await connect(`${redis.url}/3`);
    await config.set('a', '1');
    expect(await redis.cli('-n', '3', 'GET', 'mutt:config:a')).toBe('1');
    await redis.cli('-n', '3', 'SET', 'mutt:config:a', '2');
    await until('the write', () => config.get('a') === '2');
  });
});
