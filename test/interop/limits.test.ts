import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from '@mutt/dynamic-config';
import type { ConnectOptions } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { startChild } from '../support/child.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';

const MIB = 1024 * 1024;

let redis: RedisServer;
let warnings: string[];
let open: DynamicConfig[];

beforeEach(async () => {
  redis = await startRedis();
  warnings = [];
  open = [];
});
afterEach(async () => {
  for (const config of open) await config.close();
  await redis.stop();
});

async function connect(url = redis.url, options: ConnectOptions = {}): Promise<DynamicConfig> {
  const log = (message: string): void => void warnings.push(message);
  const config = await DynamicConfig.connect(url, { cacheTtl: 0.5, logger: { warn: log, error: log }, ...options });
  open.push(config);
  return config;
}

describe('row 31: a large namespace', () => {
  it('of 48 MB in large values is loaded, at a start and after the connection was lost', async () => {
    const writer = await connect();
    for (let n = 0; n < 48; n++) await writer.set(`big_${n}`, String(n % 10).repeat(MIB));
    const reader = await connect();
    expect(reader.status().entries).toBe(48);
    await until('it is live', () => reader.status().state === 'live', 20_000);
    await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await redis.cli('SET', 'mutt:config:small', '1');
    const isCurrent = (): boolean => reader.get('small', null) === '1' && reader.status().state === 'live';
    await until('it is current again', isCurrent, 20_000);
    expect(reader.get('big_47')).toBe('7'.repeat(MIB));
  });

  it('is loaded without holding the process up', async () => {
    await redis.cli(
      'EVAL',
      "for i = 1, 50000 do redis.call('SET', 'mutt:config:service.setting_' .. i, 'value ' .. i) end",
      '0',
    );
    const config = await connect();
    expect(config.status().entries).toBe(50_000);
  });
});

describe('row 31: values that others wrote', () => {
  it('are left out when they are larger than 1 MiB, however large, and stop nothing', async () => {
    await redis.cli('SETRANGE', 'mutt:config:huge', String(200 * MIB), 'x');
    await redis.cli('SET', 'mutt:config:good', '1');
    const config = await connect();
    expect(config.getAll()).toEqual({ good: '1' });
    await redis.cli('SETRANGE', 'mutt:config:large', String(MIB), 'x');
    await redis.cli('SETRANGE', 'mutt:config:largest', String(MIB - 1), 'x');
    await redis.cli('SET', 'mutt:config:good', '2');
    await until('all are seen', () => config.get('good') === '2' && config.get('largest', null) !== null);
    expect(Object.keys(config.getAll())).toEqual(['good', 'largest']);
    expect(warnings.toSorted()).toEqual([
      'Left out the Redis key "mutt:config:huge": its value is larger than 1 MiB.',
      'Left out the Redis key "mutt:config:large": its value is larger than 1 MiB.',
    ]);
  });
});

describe('another database of the same Redis', () => {
  it('is another namespace, though its channels are heard', async () => {
    const [here, there] = [await connect(), await connect(`${redis.url}/1`)];
    await here.set('k', 'here');
    await there.set('other', 'there');
    await here.set('k', 'still here');
    await redis.cli('-n', '1', 'SET', 'mutt:config:last', '1');
    await until('the last write is seen', () => there.get('last', null) === '1');
    expect([here.getAll(), there.getAll()]).toEqual([{ k: 'still here' }, { last: '1', other: 'there' }]);
  });
});

describe('a watcher', () => {
  it('that is stopped and started again and again ends as the last call says', async () => {
    const config = await connect();
    for (let n = 0; n < 20; n++) {
      void config.stopWatcher();
      config.startWatcher();
    }
    await redis.cli('SET', 'mutt:config:k', '1');
    await until('it works', () => config.get('k', null) === '1' && config.watcherRunning);
    await config.close();
    await until(
      'no connection is left',
      async () => !(await redis.cli('CLIENT', 'LIST')).includes('mutt-dynamic-config'),
    );
  });

  it('does not claim to be live while reads fail', async () => {
    const config = await connect();
    await config.set('k', '1');
    await config.set('bystander', '1');
    await redis.cli('DEL', 'mutt:config@index');
    await redis.cli('SET', 'mutt:config@index', 'oops');
    await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await redis.cli('SET', 'mutt:config:k', '2');
    await until('it says so', () => config.status().state === 'stale' && config.status().lastError !== null);
    await redis.cli('DEL', 'mutt:config@index');
    await until('it is live again', () => config.status().state === 'live' && config.get('k') === '2');
  });
});

describe('a long log of large values', () => {
  it('is caught up with, and read', async () => {
    const config = await connect();
    await config.stopWatcher();
    const writer = await connect();
    const value = 'x'.repeat(200_000);
    for (let n = 1; n <= 120; n++) await writer.set('large', `${n}${value}`);
    config.startWatcher();
    await until('it is current', () => config.status().state === 'live' && config.head.revision === 120);
    let revisions = 0;
    for await (const { revision } of config.history({ afterRevision: 0 })) revisions = revision;
    expect(revisions).toBe(120);
  });
});

describe('a process', () => {
  it('ends after close, though several first commits were made at once', async () => {
    const child = await startChild(new URL('committing-service.ts', import.meta.url), [redis.url]);
    expect(await child.exited).toBe(0);
  });
});

describe('a commit', () => {
  it('that its user may not make whole is not made at all', async () => {
    const rights = '~mutt:config* &* +@all -mset'.split(' ');
    await redis.cli('ACL', 'SETUSER', 'writer', 'reset', 'on', '>secret', ...rights);
    const writer = await connect(redis.url.replace('//', '//writer:secret@'));
    const reader = await connect();
    await reader.set('k', '1');
    const before = await redis.cli('XLEN', 'mutt:config@log');
    await expect(writer.set('k', '2')).rejects.toMatchObject({
      code: 'store_refused',
      message: expect.stringContaining('MSET') as string,
    });
    expect([await redis.cli('XLEN', 'mutt:config@log'), await redis.cli('GET', 'mutt:config:k')]).toEqual([
      before,
      '1',
    ]);
    await reader.set('k', '3');
  });

  it.each([
    ['-xrevrange', 'XREVRANGE'],
    ['-hget', 'HGET'],
    ['-time', 'TIME'],
    ['-strlen', 'STRLEN'],
  ])('of a user with %s is refused by the name of what is missing', async (right, command) => {
    const rights = `~mutt:config* &* +@all ${right}`.split(' ');
    await redis.cli('ACL', 'SETUSER', 'writer', 'reset', 'on', '>secret', ...rights);
    const url = redis.url.replace('//', '//writer:secret@');
    const writer = await DynamicConfig.connect(url, { startWatcher: false, logger: { warn() {}, error() {} } });
    open.push(writer);
    await expect(writer.set('k', '2')).rejects.toMatchObject({
      code: 'store_refused',
      message: expect.stringContaining(command) as string,
    });
    expect(await redis.cli('EXISTS', 'mutt:config:k')).toBe('0');
  });

  it('whose request id stands for other changes is refused', async () => {
    const config = await connect();
    await config.set('a', '1', { requestId: 'r' });
    await config.set('a', '1', { requestId: 'r' });
    await expect(config.set('a', '2', { requestId: 'r' })).rejects.toMatchObject({ code: 'option_invalid' });
    expect(await redis.cli('GET', 'mutt:config:a')).toBe('1');
  });

  it('that was sent when the instance was closed may or may not be made, and says so', async () => {
    const config = await connect();
    await config.set('a', '1');
    redis.process.kill('SIGSTOP');
    const committing = config.set('a', '2').catch((error: unknown) => error);
    await config.close();
    redis.process.kill('SIGCONT');
    expect(await committing).toMatchObject({ code: 'outcome_unknown' });
  });
});
