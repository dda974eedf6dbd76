import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WrongTypeError } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { RedisStore } from '@mutt/dynamic-config/redis';
import { until } from '@mutt/dynamic-config/testing';
import {
  auditRecords,
  auditViolations,
  historyOf,
  newestRecord,
  openAudited,
} from '../../packages/server/test/audited.ts';
import type { Audited } from '../../packages/server/test/audited.ts';
import { DATABASES } from '../../packages/server/test/databases.ts';
import type { TestDatabase } from '../../packages/server/test/databases.ts';
import { converges } from '../support/invariants.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { report, rounded } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';

/** No check is due while a test waits: what is recorded was announced. */
const CACHE_TTL = 60;
const RECORDED_MS = 5_000;

/** What a raw write is expected to leave: the operation and the old value, by key. */
type Made = Readonly<Record<string, readonly ['CREATE' | 'UPDATE' | 'DELETE', old: string | null, now: string | null]>>;
type RawWrite = readonly [name: string, write: (redis: RedisServer, key: string) => Promise<unknown>, made: Made];

const cli =
  (...commands: readonly string[]): RawWrite[1] =>
  async (redis, key) => {
    for (const command of commands) await redis.cli(...command.replaceAll('KEY', `mutt:config:${key}`).split(' '));
  };

/** Lets Redis evict the one key that may be evicted, and no more. */
const evict: RawWrite[1] = async (redis, key) => {
  const create = "redis.call('SET', KEYS[1], string.rep('x', 500000), 'EX', 1000)";
  await redis.cli('EVAL', create, '1', `mutt:config:${key}_cached`);
  await until('it is recorded', async () => (await redis.cli('HEXISTS', 'mutt:config@index', `${key}_cached`)) === '1');
  await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
  const used = Number(/used_memory:(\d+)/.exec(await redis.cli('INFO', 'memory'))?.[1]);
  await redis.cli('CONFIG', 'SET', 'maxmemory', String(used - 250_000));
  await until('it is evicted', async () => (await redis.cli('EXISTS', `mutt:config:${key}_cached`)) === '0');
  await redis.cli('CONFIG', 'SET', 'maxmemory', '0');
};

/** KEY held `before`; names in the third column are what is appended to it. */
const WRITES: readonly RawWrite[] = [
  ['SET', cli('SET KEY raw'), { '': ['UPDATE', 'before', 'raw'] }],
  ['SET and PUBLISH', cli('SET KEY raw', 'PUBLISH mutt:config:updates KEY'), { '': ['UPDATE', 'before', 'raw'] }],
  ['SET of a new key', cli('SET KEY_new raw'), { _new: ['CREATE', null, 'raw'] }],
  ['DEL', cli('DEL KEY'), { '': ['DELETE', 'before', null] }],
  ['DEL and PUBLISH', cli('DEL KEY', 'PUBLISH mutt:config:updates KEY'), { '': ['DELETE', 'before', null] }],
  ['RENAME', cli('RENAME KEY KEY_moved'), { '': ['DELETE', 'before', null], _moved: ['CREATE', null, 'before'] }],
  ['PEXPIRE', cli('PEXPIRE KEY 20'), { '': ['DELETE', 'before', null] }],
  ['eviction', evict, { _cached: ['DELETE', 'x'.repeat(500_000), null] }],
];

describe.each(DATABASES)('with the trail in $name', (kind) => {
  let test: TestDatabase;
  let scenario: Scenario;
  let config: DynamicConfig;
  let audited: Audited;
  let cases = 0;

  beforeAll(async () => {
    [test, scenario] = await Promise.all([kind.start(), Scenario.start()]);
    config = await scenario.connect(scenario.redis, { cacheTtl: CACHE_TTL });
    audited = openAudited(scenario.redis.url, test.database);
    audited.follow(config);
    await scenario.isKept();
  });
  afterAll(async () => {
    await audited.close();
    await Promise.all([test.stop(), scenario[Symbol.asyncDispose]()]);
  });

  const violations = async (): Promise<string[]> => {
    await audited.feed.catchUp();
    return auditViolations(test.database, await historyOf(audited.store));
  };

  describe('row 19: a write that goes past us', () => {
    it.each(WRITES)('by %s is recorded: by nobody, with what was there before', async (name, write, made) => {
      const key = `key_${(cases += 1)}`;
      await config.set(key, 'before');
      const startedAtMs = performance.now();
      await write(scenario.redis, key);
      for (const [suffix, [operation, old, now]] of Object.entries(made)) {
        const isRecorded = async (): Promise<boolean> => {
          const newest = await newestRecord(test.database, key + suffix);
          return newest?.source === 'out-of-band' && newest.operation === operation;
        };
        await until(`${key}${suffix} is recorded`, isRecorded, RECORDED_MS);
        const values = (value: string | null): string | null =>
          value === null ? null : JSON.stringify({ key: key + suffix, value });
        expect(await newestRecord(test.database, key + suffix)).toMatchObject({
          changedBy: null,
          reason: null,
          oldValues: values(old),
          newValues: values(now),
        });
      }
      const recordedMs = performance.now() - startedAtMs;
      await converges(scenario.redis, [config]);
      expect(await violations()).toEqual([]);
      report({
        row: 19,
        scenario: `raw write in the trail of ${kind.name}: ${name}`,
        injected: name,
        invariants: 'C A',
        figures: { recordedMs: rounded(recordedMs) },
      });
    });
  });

  describe('row 20: a legacy peer that dies between SET and PUBLISH', () => {
    it('is recorded all the same', async () => {
      await config.set('legacy', 'before');
      const startedAtMs = performance.now();
      const redis = `redis-cli -p ${scenario.redis.port}`;
      const script = `${redis} SET mutt:config:legacy half-way && kill -9 $$ && ${redis} PUBLISH mutt:config:updates legacy`;
      const signal = await new Promise((resolve) => {
        execFile('sh', ['-c', script], (error) => resolve(error?.signal));
      });
      expect(signal).toBe('SIGKILL');
      const isRecorded = async (): Promise<boolean> =>
        (await newestRecord(test.database, 'legacy'))?.newValues === '{"key":"legacy","value":"half-way"}';
      await until('it is recorded', isRecorded, RECORDED_MS);
      const recordedMs = performance.now() - startedAtMs;
      expect(await newestRecord(test.database, 'legacy')).toMatchObject({ source: 'out-of-band', changedBy: null });
      await converges(scenario.redis, [config]);
      expect(await violations()).toEqual([]);
      report({
        row: 20,
        scenario: `a legacy peer dies between SET and PUBLISH, trail in ${kind.name}`,
        injected: 'kill -9',
        invariants: 'C A',
        figures: { recordedMs: rounded(recordedMs) },
      });
    });
  });

  describe('row 18: a wrong type', () => {
    it.each(['@index', '@log', '@head', '@requests', ':taken'])(
      'under P%s is told; others keep working, and the trail goes on afterwards',
      async (name) => {
        const { redis } = scenario;
        await config.set('bystander', `before ${name}`);
        await config.set('taken', `before ${name}`);
        await audited.feed.catchUp();
        const { gaps } = audited.feed.status;
        const before = await auditRecords(test.database);
        await redis.cli('RENAME', `mutt:config${name}`, 'aside');
        await redis.cli('RPUSH', `mutt:config${name}`, 'not ours');
        const refused: unknown = await config.set('taken', 'refused').catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(WrongTypeError);
        expect(config.get('bystander')).toBe(`before ${name}`);
        if (name === ':taken') {
          await config.set('bystander', 'goes on');
          await until('it is recorded', async () =>
            (await newestRecord(test.database, 'bystander'))?.newValues?.includes('goes on'),
          );
        } else if (name === '@head') {
          await expect(audited.feed.catchUp()).rejects.toThrow(WrongTypeError);
        }
        // What it has can be read all the time.
        if (name !== ':taken') expect(await auditRecords(test.database)).toEqual(before);
        await redis.cli('DEL', `mutt:config${name}`);
        await redis.cli('RENAME', 'aside', `mutt:config${name}`);
        await config.set('taken', `after ${name}`);
        expect(await violations()).toEqual([]);
        expect(audited.feed.status).toMatchObject({ gaps, lastError: null, backlog: 0 });
        report({
          row: 18,
          scenario: `a wrong type under P${name}, trail in ${kind.name}`,
          injected: 'RPUSH',
          invariants: 'A',
          figures: { settingsAffected: name === ':taken' ? 1 : 0 },
        });
      },
    );
  });

  // The last one: afterwards the store is another.
  describe('row 19: SWAPDB, which Redis announces to nobody', () => {
    it('to another history and back: both are recorded, each change once, with a gap at each turn', async () => {
      const { redis } = scenario;
      const other = RedisStore.open(`${redis.url}/1`);
      scenario.defer(() => other.close());
      const options = { changedBy: 'bob', reason: null, notify: true, ifRevision: null };
      for (const n of [1, 2, 3]) {
        const change = { key: 'elsewhere', value: String(n), ifRevision: null };
        await other.commit([change], { ...options, requestId: `r-${n}` });
      }
      const [left, right] = [await historyOf(audited.store), await historyOf(other)];
      await redis.cli('SWAPDB', '0', '1');
      await audited.feed.catchUp();
      await redis.cli('SWAPDB', '0', '1');
      await audited.feed.catchUp();
      await config.set('bystander', 'after the swaps');
      await audited.feed.catchUp();
      const all = await historyOf(audited.store);
      expect(await auditViolations(test.database, [...all, ...right])).toEqual([]);
      const told = (await auditRecords(test.database)).slice(-6);
      expect(told.map(({ operation, epoch }) => [operation, epoch === right[0]?.epoch])).toEqual([
        ['GAP', true],
        ['CREATE', true],
        ['UPDATE', true],
        ['UPDATE', true],
        ['GAP', false],
        ['UPDATE', false],
      ]);
      expect(audited.logged.filter((line) => line.startsWith('A gap in the audit trail'))).toHaveLength(2);
      report({
        row: 19,
        scenario: `SWAPDB to another history and back, trail in ${kind.name}`,
        injected: 'SWAPDB, twice',
        invariants: 'A',
        figures: { records: left.length + right.length + 1, gaps: 2 },
      });
    });
  });
});
