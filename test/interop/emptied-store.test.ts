import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from '@mutt/dynamic-config';
import type { ConnectOptions } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';

let redis: RedisServer;
let folder: string;
let errors: string[];
let open: DynamicConfig[];

beforeEach(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'mutt-emptied-'));
  errors = [];
  open = [];
});
afterEach(async () => {
  for (const config of open) await config.close();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

async function connect(options: ConnectOptions = {}): Promise<DynamicConfig> {
  const logger = { warn: () => {}, error: (message: string) => void errors.push(message) };
  const config = await DynamicConfig.connect(redis.url, { cacheTtl: 0.5, logger, ...options });
  open.push(config);
  return config;
}

const alarmed = (config: DynamicConfig): Promise<unknown> => until('the alarm', () => config.status().alarm !== null);
const settled = (config: DynamicConfig): Promise<unknown> =>
  until('the alarm is over', () => config.status().alarm === null);

async function fill(config: DynamicConfig): Promise<void> {
  await config.commit([
    { key: 'rate', value: '100' },
    { key: 'mode', value: 'shed' },
    { key: 'old', value: 'x' },
  ]);
}

describe('row 10: a store that comes back empty', () => {
  it.each([
    ['FLUSHALL', () => redis.cli('FLUSHALL')],
    ['a restart without persistence', () => redis.restart()],
  ])('after %s changes no value, calls no callback, and raises an alarm', async (_, empty) => {
    const config = await connect();
    await fill(config);
    const calls: string[] = [];
    const told: (string | null)[] = [];
    config.registerCallback('*', (key) => void calls.push(key));
    config.onStateChange((_state, { alarm }) => told.push(alarm?.code ?? null));
    await empty();
    await alarmed(config);
    expect(config.getAll()).toEqual({ mode: 'shed', old: 'x', rate: '100' });
    expect(config.status().alarm).toMatchObject({ code: 'store_emptied', keys: ['mode', 'old', 'rate'], revision: 1 });
    expect(told.at(-1)).toBe('store_emptied');
    expect(errors).toEqual([expect.stringContaining('restore()')]);
    expect(calls).toEqual([]);
    await until('it is live again', () => config.status().state === 'live');
  });

  it('is told at once of raw keys alone, too', async () => {
    await redis.cli('SET', 'mutt:config:raw', '1');
    const reader = new URL(redis.url);
    await redis.cli('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '&*', '+@all', '-@write');
    [reader.username, reader.password] = ['reader', 'pw'];
    const logger = { warn: () => {}, error: (message: string) => void errors.push(message) };
    const config = await DynamicConfig.connect(reader.href, { cacheTtl: 0.5, logger });
    open.push(config);
    const told: (string | null)[] = [];
    config.onStateChange((_, { alarm }) => told.push(alarm?.code ?? null));
    await redis.cli('FLUSHALL');
    await until('it is told', () => told.includes('store_emptied') && errors.length === 1);
    expect(config.get('raw')).toBe('1');
  });

  it('gets back from one instance what it lost, but for what was written since; the others agree', async () => {
    const [one, other] = [await connect(), await connect()];
    await fill(one);
    await until('the other has it', () => other.get('rate', null) === '100');
    await redis.cli('FLUSHALL');
    await alarmed(one);
    await alarmed(other);
    await other.set('rate', '7');
    await redis.cli('SET', 'mutt:config:mode', 'raw');
    await until('both are seen', () => one.get('rate') === '7' && one.get('mode') === 'raw');
    expect(one.status().alarm?.keys).toEqual(['old']);
    const [commit, ...more] = await one.restore({ reason: 'incident 4711', changedBy: 'alice' });
    expect([commit?.changes, commit?.reason, commit?.changedBy, more]).toEqual([
      [{ key: 'old', value: 'x' }],
      'incident 4711',
      'alice',
      [],
    ]);
    await settled(one);
    await settled(other);
    expect(await redis.cli('MGET', 'mutt:config:rate', 'mutt:config:mode', 'mutt:config:old')).toBe('7\nraw\nx');
    expect(other.getAll()).toEqual(one.getAll());
    expect(await one.restore()).toEqual([]);
  });

  it('can be taken as it is: what it lost is given up everywhere', async () => {
    const [one, other] = [await connect(), await connect()];
    await fill(one);
    await until('the other has it', () => other.get('rate', null) === '100');
    await redis.cli('FLUSHALL');
    await alarmed(one);
    await alarmed(other);
    const gone: string[] = [];
    other.registerCallback('*', (key, value) => void (value === undefined && gone.push(key)));
    await one.acceptLoss();
    await settled(other);
    await until('the callbacks know', () => gone.length === 3);
    expect([one.getAll(), other.getAll()]).toEqual([{}, {}]);
  });

  it('is restored in as many change sets as the limits ask for', async () => {
    const config = await connect();
    const changes = (from: number): { key: string; value: string }[] =>
      Array.from({ length: 1_000 }, (_, n) => ({ key: `key_${from + n}`, value: String(from + n) }));
    for (const from of [0, 1_000]) await config.commit(changes(from));
    await config.set('last', '1');
    await redis.cli('FLUSHALL');
    await alarmed(config);
    expect((await config.restore()).map((commit) => commit.changes.length)).toEqual([1_000, 1_000, 1]);
    expect(Number(await redis.cli('DBSIZE'))).toBeGreaterThan(2_001);
  });

  it('is recognised by an instance that was not running then, from its snapshot file', async () => {
    const snapshotFile = join(folder, 'snapshot');
    const before = await connect({ snapshotFile });
    await fill(before);
    await before.close();
    await redis.restart();
    const after = await connect({ snapshotFile });
    expect(after.getAll()).toEqual({ mode: 'shed', old: 'x', rate: '100' });
    expect(after.status()).toMatchObject({ source: 'store', alarm: { code: 'store_emptied', revision: 1 } });
    // And again, when the loss itself comes from the file.
    await after.close();
    const third = await connect({ snapshotFile });
    expect(third.status().alarm?.keys).toEqual(['mode', 'old', 'rate']);
    await third.restore();
    await settled(third);
    await third.close();
    expect((await connect({ snapshotFile })).status().alarm).toBeNull();
  });
});

describe('row 29: a start without the store', () => {
  it('begins with the snapshot file, says so, and is current as soon as the store is back', async () => {
    const snapshotFile = join(folder, 'snapshot');
    const before = await connect({ snapshotFile });
    await fill(before);
    await before.close();
    redis.process.kill('SIGSTOP');
    const config = await connect({ snapshotFile, startupTimeoutMs: 300 });
    expect(config.get('rate')).toBe('100');
    expect(config.status()).toMatchObject({ state: 'offline', source: 'file', revision: 1 });
    expect(config.watcherRunning).toBe(false);
    redis.process.kill('SIGCONT');
    await redis.cli('SET', 'mutt:config:rate', '200');
    await until('the store is back', () => config.status().state === 'live' && config.get('rate') === '200');
    expect(config.status().source).toBe('store');
  });

  it('does not begin with the file of another namespace', async () => {
    const snapshotFile = join(folder, 'snapshot');
    const staging = await connect({ snapshotFile, prefix: 'staging:config' });
    await staging.set('rate', '1');
    await staging.close();
    redis.process.kill('SIGSTOP');
    await expect(connect({ snapshotFile, startupTimeoutMs: 300 })).rejects.toMatchObject({ code: 'store_unavailable' });
    redis.process.kill('SIGCONT');
  });

  it('follows deletions that were made while nobody ran', async () => {
    const snapshotFile = join(folder, 'snapshot');
    const before = await connect({ snapshotFile });
    await fill(before);
    await before.close();
    const other = await connect();
    await other.delete('old');
    await redis.cli('DEL', 'mutt:config:mode');
    const after = await connect({ snapshotFile });
    expect(after.getAll()).toEqual({ rate: '100' });
    expect(after.status().alarm).toBeNull();
  });
});
