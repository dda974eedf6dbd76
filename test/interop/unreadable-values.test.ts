import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig, integer } from '@mutt/dynamic-config';
import type { ConnectOptions, InvalidSetting, LoggedCommit } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { indexIsComplete } from '../support/index-is-complete.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';

const MIB = 1024 * 1024;

let redis: RedisServer;
let open: DynamicConfig[];

beforeEach(async () => {
  redis = await startRedis();
  open = [];
});
afterEach(async () => {
  for (const config of open) await config.close();
  await redis.stop();
});

async function connect(options: ConnectOptions = {}): Promise<DynamicConfig> {
  const logger = { warn() {}, error() {} };
  const config = await DynamicConfig.connect(redis.url, { cacheTtl: 0.5, logger, ...options });
  open.push(config);
  return config;
}

async function newest(config: DynamicConfig): Promise<LoggedCommit | null> {
  let last = null;
  for await (const commit of config.history({ afterRevision: 0 })) last = commit;
  return last;
}

/** Writes past us that leave under a key what can be no value. */
const SPOILED: [string, (key: string) => Promise<unknown>][] = [
  ['a value of 40 MiB', (key) => redis.cli('SETRANGE', key, String(40 * MIB), 'x')],
  ['a value just over 1 MiB', (key) => redis.cli('SETRANGE', key, String(MIB), 'x')],
  ['a list', (key) => redis.cli('EVAL', "redis.call('DEL', KEYS[1]) redis.call('LPUSH', KEYS[1], 'x')", '1', key)],
];

describe('row 31: what can be no value, in the place of one', () => {
  it.each(SPOILED)('is recorded as out of band, and leaves the index: %s', async (_, spoil) => {
    const config = await connect();
    await indexIsComplete(redis);
    await config.set('a', '1');
    await spoil('mutt:config:a');
    await until('it is recorded', async () => (await newest(config))?.source === 'out-of-band');
    expect((await newest(config))?.changes).toEqual([{ key: 'a', value: null }]);
    expect(await redis.cli('HEXISTS', 'mutt:config@index', 'a')).toBe('0');
  });

  it('is something: a change that is to create the key is refused', async () => {
    const config = await connect();
    await config.set('other', '1');
    await redis.cli('SETRANGE', 'mutt:config:a', String(MIB), 'x');
    await expect(config.set('a', '1', { ifRevision: 0 })).rejects.toMatchObject({ code: 'revision_conflict' });
    expect(await redis.cli('STRLEN', 'mutt:config:a')).toBe(String(MIB + 1));
    await config.set('a', '1');
    expect(await redis.cli('GET', 'mutt:config:a')).toBe('1');
  });

  it.each(SPOILED)('stops neither a reconnect nor a start: %s', async (_, spoil) => {
    const config = await connect();
    await indexIsComplete(redis);
    await config.set('a', '1');
    await config.set('other', '1');
    await spoil('mutt:config:a');
    await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await redis.cli('SET', 'mutt:config:other', '2');
    await until('it is current again', () => config.get('other') === '2' && config.status().state === 'live', 5_000);
    expect((await connect({ startupTimeoutMs: 4_000 })).get('other')).toBe('2');
  });
});

describe('an index that says another length than a value has', () => {
  it.each(['30', 'x'])('(%s bytes) costs one attempt at most', async (bytes) => {
    const config = await connect();
    await config.set('a', '1');
    await indexIsComplete(redis);
    // As of a value that grows after it was measured.
    await redis.cli('SETRANGE', 'mutt:config:a', String(40 * MIB), 'x');
    await until('it is recorded', async () => (await redis.cli('HEXISTS', 'mutt:config@index', 'a')) === '0');
    await redis.cli('HSET', 'mutt:config@index', 'a', `1 1 abc ${bytes} alice`);
    await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await redis.cli('SET', 'mutt:config:other', '2');
    const isCurrent = (): boolean => config.get('other', null) === '2' && config.status().state === 'live';
    await until('it is current again', isCurrent, 8_000);
  });
});

describe('row 31: a setting whose value can be read no more', () => {
  const BAD_BYTES = (key: string): Promise<unknown> =>
    redis.cli('EVAL', "redis.call('SET', KEYS[1], '\\255')", '1', key);
  const KEY = 'mutt:config:rate';
  let invalid: InvalidSetting[];

  async function connectTyped(): Promise<DynamicConfig<{ rate: number }>> {
    const config = await DynamicConfig.connect(redis.url, {
      cacheTtl: 0.5,
      settings: { rate: integer({ min: 1, max: 10, default: 1 }) },
      onInvalid: (one) => void invalid.push(one),
      logger: { warn() {}, error() {} },
    });
    open.push(config as never);
    return config;
  }

  beforeEach(() => {
    invalid = [];
  });

  it.each([['bytes that are not UTF-8', BAD_BYTES], ...SPOILED] as typeof SPOILED)(
    'keeps the last good one, says so, and heals: %s',
    async (_, spoil) => {
      const config = await connectTyped();
      await config.set('rate', 7);
      await indexIsComplete(redis);
      await spoil(KEY);
      await until('it says so', () => config.status().invalid.length === 1);
      const [problem] = config.status().invalid;
      expect([config.get('rate'), problem?.key, config.entry('rate')?.value]).toEqual([7, 'rate', '7']);
      expect([invalid, config.status().rejections]).toEqual([[problem], 1]);
      await config.refresh();
      await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until('it is live again', () => config.status().state === 'live');
      expect([config.get('rate'), config.status().invalid, invalid.length]).toEqual([7, [problem], 1]);
      await redis.cli('DEL', KEY);
      await redis.cli('SET', KEY, '8');
      await until('it is healed', () => config.status().invalid.length === 0 && config.get('rate') === 8);
    },
  );

  it('is healed by the value that it had, and by a deletion', async () => {
    const config = await connectTyped();
    await config.set('rate', 7);
    await BAD_BYTES(KEY);
    await until('it says so', () => config.status().invalid.length === 1);
    await redis.cli('SET', KEY, '7');
    await until('it is healed', () => config.status().invalid.length === 0);
    await BAD_BYTES(KEY);
    await until('it says so again', () => config.status().invalid.length === 1);
    await redis.cli('DEL', KEY);
    await until('it is deleted', () => config.status().invalid.length === 0 && config.get('rate') === 1);
  });

  it.each([['bytes that are not UTF-8', BAD_BYTES], ...SPOILED] as typeof SPOILED)(
    'is known to be so from the start on: %s',
    async (_, spoil) => {
      const keeper = await connect();
      await keeper.set('rate', '7');
      await indexIsComplete(redis);
      await spoil(KEY);
      await until('it is recorded', async () => (await newest(keeper))?.source === 'out-of-band');
      const config = await connectTyped();
      expect([config.get('rate'), config.status().invalid.map(({ key }) => key)]).toEqual([1, ['rate']]);
    },
  );

  it('is listed by an instance without declarations, too, which serves the last good one', async () => {
    const config = await connect();
    await config.set('rate', '7');
    await BAD_BYTES(KEY);
    await until('it says so', () => config.status().invalid.length === 1);
    expect([config.get('rate'), config.getAll()]).toEqual(['7', { rate: '7' }]);
    expect(config.status().invalid[0]?.problem).toBe('The value of rate cannot be read: its value is not UTF-8.');
  });
});
