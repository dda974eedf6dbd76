import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { startChild } from '../support/child.ts';
import type { Child } from '../support/child.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';

interface Told {
  ready?: Record<string, string>;
  key?: string;
  value?: string | null;
  source?: string;
}

let redis: RedisServer;
let warnings: string[];
let cleanUps: (() => Promise<unknown>)[];

beforeEach(async () => {
  redis = await startRedis();
  warnings = [];
  cleanUps = [];
});
afterEach(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
  await redis.stop();
});

async function connect(): Promise<DynamicConfig> {
  const logger = {
    warn: (message: string) => warnings.push(message),
    error: (message: string) => warnings.push(message),
  };
  const config = await DynamicConfig.connect(redis.url, { changedBy: 'alice', logger });
  cleanUps.push(() => config.close());
  return config;
}

/** All Redis keys of the namespace but for the lease, which says who keeps it, and its mark in the index. */
async function keysButLease(): Promise<string[]> {
  const keys = (await redis.cli('KEYS', 'mutt:config*')).split('\n');
  const isMarkAlone = (await redis.cli('HKEYS', 'mutt:config@index')) === '';
  return keys.filter((key) => key !== 'mutt:config@keeper' && !(isMarkAlone && key === 'mutt:config@index'));
}

async function startService(...keys: string[]): Promise<Child> {
  const service = await startChild(new URL('service.ts', import.meta.url), [redis.url, ...keys]);
  cleanUps.push(() => service.end('SIGKILL'));
  await until('the service is ready', () => service.lines.length > 0);
  return service;
}

async function told(service: Child, wanted: Told): Promise<void> {
  await until(`told of ${JSON.stringify(wanted)}`, () =>
    service
      .json<Told>()
      .some((line) => Object.entries(wanted).every(([name, value]) => line[name as keyof Told] === value)),
  );
}

describe('two services and redis-cli on one Redis', () => {
  it('both see SET and DEL without PUBLISH, and SET with PUBLISH, and are told where it came from', async () => {
    const services = await Promise.all([startService('moog_rate_limit'), startService('moog_rate_limit')]);
    await redis.cli('SET', 'mutt:config:moog_rate_limit', '200');
    for (const service of services)
      await told(service, { key: 'moog_rate_limit', value: '200', source: 'out-of-band' });
    await redis.cli('SET', 'mutt:config:moog_rate_limit', '300');
    await redis.cli('PUBLISH', 'mutt:config:updates', 'moog_rate_limit');
    for (const service of services) await told(service, { value: '300' });
    await redis.cli('DEL', 'mutt:config:moog_rate_limit');
    for (const service of services) await told(service, { value: null });
  });

  it('end cleanly when told to, with nothing left that keeps them alive', async () => {
    const service = await startService();
    expect(await service.end('SIGTERM')).toBe(0);
    expect(service.lines.at(-1)).toBe('{"closed":true}');
  });

  it('see what a third one commits, and redis-cli reads it', async () => {
    const service = await startService('a');
    const config = await connect();
    await config.set('a', 'ä\n"1"');
    await told(service, { key: 'a', value: 'ä\n"1"', source: 'commit' });
    expect(await redis.cli('GET', 'mutt:config:a')).toBe('ä\n"1"');
  });
});

describe('the namespace on the wire', () => {
  it('holds nothing but plain strings under the prefix, whatever is done', async () => {
    const config = await connect();
    await config.commit([
      { key: 'a', value: '1' },
      { key: 'b/c:d', value: '2' },
    ]);
    await config.set('a', '3', { notify: false });
    await config.delete('b/c:d');
    await redis.cli('SET', 'mutt:config:raw', '1');
    await config.set('raw', '2');
    const keys = (await redis.cli('KEYS', 'mutt:config:*')).split('\n');
    expect(keys.toSorted()).toEqual(['mutt:config:a', 'mutt:config:raw']);
    for (const key of keys) expect(await redis.cli('TYPE', key)).toBe('string');
  });

  it('announces every key of a change set on the updates channel, by its bare name, unless told not to', async () => {
    const legacy = await connectLegacyPeer();
    const config = await connect();
    await config.set('quiet', '1', { notify: false });
    await config.commit([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    await config.delete('a');
    await until('three messages', () => legacy.length >= 3);
    expect(legacy).toEqual(['a', 'b', 'a']);
  });

  it('announces a commit whole first, then by name: whoever hears all of it has nothing to ask for', async () => {
    const heard: string[] = [];
    await listen((_, channel) => heard.push(channel), 'mutt:config@changes', 'mutt:config:updates');
    const config = await connect();
    await config.commit([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    await until('all of it is heard', () => heard.length === 3);
    expect(heard).toEqual(['mutt:config@changes', 'mutt:config:updates', 'mutt:config:updates']);
  });

  it('looks at a key when the updates channel names it, though tracking has said nothing', async () => {
    const config = await connect();
    await config.set('a', '1');
    // SWAPDB is a change that Redis announces to nobody.
    await redis.cli('-n', '1', 'SET', 'mutt:config:a', '2');
    await redis.cli('SWAPDB', '0', '1');
    await redis.cli('PUBLISH', 'mutt:config:updates', 'a');
    await until('the new value', () => config.get('a') === '2');
  });

  it('records a write that went past us, before the next change of that key', async () => {
    const config = await connect();
    await redis.cli('SET', 'mutt:config:a', 'raw');
    await config.set('a', 'ours');
    const history = [];
    for await (const { source, changes, changedBy } of config.history({ afterRevision: 0 }))
      history.push([source, changedBy, changes[0]?.value]);
    expect(history).toEqual([
      ['out-of-band', null, 'raw'],
      ['commit', 'alice', 'ours'],
    ]);
  });

  it('holds a key to its revision against writes that went past us', async () => {
    const config = await connect();
    const { revision } = await config.set('a', '1');
    await redis.cli('SET', 'mutt:config:a', 'raw');
    await expect(config.set('a', '2', { ifRevision: revision })).rejects.toMatchObject({
      code: 'revision_conflict',
    });
    expect(await redis.cli('GET', 'mutt:config:a')).toBe('raw');
  });
});

describe('strange things under the prefix', () => {
  it('are left out with one warning each, and stop neither a start nor the watcher', async () => {
    await redis.cli('HSET', 'mutt:config:hash', 'f', 'v');
    await redis.cli('SET', 'mutt:config:odd key', '1');
    await redis.cli('EVAL', "return redis.call('SET', 'mutt:config:binary', '\\255\\254')", '0');
    await redis.cli('SET', 'mutt:config:good', '1');
    const config = await connect();
    expect(config.getAll()).toEqual({ good: '1' });
    for (const value of ['2', '3']) {
      await redis.cli('SET', 'mutt:config:another odd key', value);
      await redis.cli('SET', 'mutt:config:good', value);
      await until('the watcher goes on', () => config.get('good') === value);
    }
    expect(warnings.toSorted()).toEqual([
      'Ignored the Redis key "mutt:config:another odd key": its name breaks the rule for keys.',
      'Left out the Redis key "mutt:config:binary": its value is not UTF-8.',
      'Left out the Redis key "mutt:config:hash": it is a hash, not a string.',
      'Left out the Redis key "mutt:config:odd key": its name breaks the rule for keys.',
    ]);
  });

  it('are refused by a commit of that key, and nothing is written', async () => {
    await redis.cli('HSET', 'mutt:config:hash', 'f', 'v');
    const config = await connect();
    const commit = config.commit([
      { key: 'good', value: '1' },
      { key: 'hash', value: '1' },
    ]);
    await expect(commit).rejects.toMatchObject({
      code: 'wrong_type',
      message: expect.stringContaining('mutt:config:hash') as string,
    });
    expect(await keysButLease()).toEqual(['mutt:config:hash']);
  });

  it.each(['@head', '@index', '@log', '@requests'])(
    'in the place of our own %s are refused, and nothing is written',
    async (suffix) => {
      await redis.cli('SET', `mutt:config${suffix}`, 'rubbish');
      const config = await DynamicConfig.connect(redis.url, { startWatcher: false }).catch((error: unknown) => error);
      if (config instanceof DynamicConfig) {
        cleanUps.push(() => config.close());
        await expect(config.set('a', '1')).rejects.toMatchObject({ code: 'wrong_type' });
      } else {
        expect(config).toMatchObject({ code: 'wrong_type' });
      }
      expect(await keysButLease()).toEqual([`mutt:config${suffix}`]);
    },
  );
});

/** What a Python peer that subscribed to the updates channel hears. */
async function connectLegacyPeer(): Promise<string[]> {
  const heard: string[] = [];
  await listen((message) => heard.push(message), 'mutt:config:updates');
  return heard;
}

async function listen(onMessage: (message: string, channel: string) => void, ...channels: string[]): Promise<void> {
  const { createClient } = await import('@redis/client');
  const client = createClient({ url: redis.url });
  client.on('error', () => {});
  await client.connect();
  cleanUps.push(async () => client.destroy());
  await client.subscribe(channels, onMessage);
}
