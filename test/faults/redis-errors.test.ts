import { randomBytes } from 'node:crypto';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, OutcomeUnknownError } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { freePort } from '../support/free-port.ts';
import { becomesLive, converges, leavesLive, provenAgain, readConstantly, stored } from '../support/invariants.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startRedis } from '../support/redis-server.ts';
import { report, rounded } from '../support/report.ts';
import { BOUND_MS, Scenario } from '../support/scenario.ts';

/** Makes Redis refuse; returns how to end that. */
type Refusal = (redis: RedisServer) => Promise<() => Promise<unknown>>;

const CHANGES = [
  { key: 'a', value: 'changed' },
  { key: 'b', delete: true },
  { key: 'c', value: 'new' },
] as const;

const setting =
  (name: string, bad: string, good: string): Refusal =>
  async (redis) => {
    await redis.cli('CONFIG', 'SET', name, bad);
    return () => redis.cli('CONFIG', 'SET', name, good);
  };

const isReplicaOfNobody: Refusal = async (redis) => {
  await redis.cli('REPLICAOF', '127.0.0.1', String(await freePort()));
  return () => redis.cli('REPLICAOF', 'NO', 'ONE');
};

const isCutOffReplica: Refusal = async (redis) => {
  await redis.cli('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
  return isReplicaOfNobody(redis);
};

const cannotSave: Refusal = async (redis) => {
  const [, dir = ''] = (await redis.cli('CONFIG', 'GET', 'dir')).split('\n');
  // A folder in its place: the file cannot be moved there.
  const file = join(dir, 'dump.rdb');
  const saved = (status: string): Promise<unknown> =>
    until(`bgsave is ${status}`, async () => {
      await redis.cli('BGSAVE');
      return (await redis.cli('INFO', 'persistence')).includes(`rdb_last_bgsave_status:${status}`);
    });
  await mkdir(file);
  await redis.cli('CONFIG', 'SET', 'save', '3600 1000000');
  await saved('err');
  return async () => {
    await rmdir(file);
    await saved('ok');
  };
};

const runsAScript: Refusal = async (redis) => {
  await redis.cli('CONFIG', 'SET', 'busy-reply-threshold', '50');
  const script = redis.cli('EVAL', 'while true do end', '0').catch(() => '');
  await until('Redis is busy', async () => (await redis.cli('PING')).startsWith('BUSY'));
  return async () => {
    await redis.cli('SCRIPT', 'KILL');
    await script;
  };
};

/** All that a commit writes. */
async function everything(redis: RedisServer): Promise<unknown> {
  const [head, records] = [await redis.cli('HGETALL', 'mutt:config@head'), await redis.cli('XLEN', 'mutt:config@log')];
  const [index, requests] = [
    await redis.cli('HLEN', 'mutt:config@index'),
    await redis.cli('HLEN', 'mutt:config@requests'),
  ];
  return { values: await stored(redis), head, records, index, requests };
}

async function startWithValues(...redisArgs: string[]): Promise<{ scenario: Scenario; config: DynamicConfig }> {
  const scenario = await Scenario.start(...redisArgs);
  const config = await scenario.connect();
  await scenario.isKept();
  await config.commit(['a', 'b'].map((key) => ({ key, value: 'before' })));
  await provenAgain(config);
  return { scenario, config };
}

describe('row 13: Redis refuses', () => {
  it.concurrent.each<readonly [name: string, inject: Refusal, code: string, state: 'live' | 'stale']>([
    ['READONLY', isReplicaOfNobody, 'store_refused', 'live'],
    ['MASTERDOWN', isCutOffReplica, 'store_unavailable', 'stale'],
    ['BUSY', runsAScript, 'store_unavailable', 'stale'],
    ['MISCONF', cannotSave, 'store_refused', 'live'],
    ['OOM', setting('maxmemory', '1', '0'), 'store_refused', 'live'],
    ['NOREPLICAS', setting('min-replicas-to-write', '1', '0'), 'store_refused', 'live'],
  ])(
    'with %s: a typed error, nothing partial, and the watcher is not called dead',
    async (name, inject, code, state) => {
      const { scenario, config } = await startWithValues();
      await using _ = scenario;
      const before = await everything(scenario.redis);
      const states: string[] = [];
      const stopReading = readConstantly(config);
      const heal = await inject(scenario.redis);
      config.onStateChange((state) => states.push(state));
      const error: unknown = await config.commit(CHANGES).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ code, cause: { message: expect.stringContaining(name) as string } });
      expect(config.get('a')).toBe('before');
      if (state === 'live') await provenAgain(config);
      else await leavesLive(config, BOUND_MS.noticed);
      const { errors } = stopReading();
      await heal();
      await becomesLive(config);
      expect(await everything(scenario.redis)).toEqual(before);
      expect(states).not.toContain('offline');
      expect(errors).toEqual([]);
      await config.commit(CHANGES);
      await converges(scenario.redis, [config]);
      report({
        row: 13,
        scenario: `Redis answers ${name}`,
        injected: name,
        invariants: 'U C',
        figures: { partialWrites: 0, falseDeaths: 0, state },
      });
    },
  );

  it.concurrent('with LOADING: it stays behind until that is over, then is current', async () => {
    // Slow enough to be seen: 10 ms for each key.
    const slowly = ['--key-load-delay', '10000', '--loading-process-events-interval-bytes', '1024'];
    await using scenario = await Scenario.start(...slowly);
    const config = await scenario.connect();
    for (let n = 0; n < 150; n++) await config.set(`key-${n}`, randomBytes(400).toString('base64'));
    await scenario.redis.cli('SAVE');
    const states = new Set<string>();
    const stopReading = readConstantly(config);
    const values = config.getAll();
    await scenario.redis.restart();
    const startedAtMs = performance.now();
    const error = await until('the commit meets LOADING', async () => {
      states.add(config.status().state);
      const caught: unknown = await config.set('a', '1').catch((reason: unknown) => reason);
      return caught instanceof ConfigError && String(caught.cause).includes('LOADING') ? caught : null;
    });
    expect(error).toMatchObject({ code: 'store_unavailable' });
    expect(config.getAll()).toEqual(values);
    await until('it is connected, and does not claim to be current', () => {
      const { state, lastError } = config.status();
      return state === 'stale' && lastError?.message.includes('LOADING');
    });
    expect([...states]).not.toContain('live');
    await becomesLive(config);
    await converges(scenario.redis, [config]);
    expect(stopReading().errors).toEqual([]);
    expect({ ...config.getAll() }).toEqual({ ...values });
    report({
      row: 13,
      scenario: 'Redis answers LOADING',
      injected: 'a start that takes 1.5 s',
      invariants: 'U C H',
      figures: { recoveryMs: rounded(performance.now() - startedAtMs) },
    });
  });

  it.concurrent('with OOM: what can still be written is seen, and a start is possible', async () => {
    const { scenario, config } = await startWithValues();
    await using _ = scenario;
    await scenario.redis.cli('CONFIG', 'SET', 'maxmemory', '1');
    // Deletions need no memory.
    await scenario.redis.cli('DEL', 'mutt:config:a');
    await converges(scenario.redis, [config], 2_000);
    const late = await scenario.connect(scenario.redis, { startupTimeoutMs: 2_000 });
    await converges(scenario.redis, [late]);
    for (const each of [config, late]) await provenAgain(each);
  });

  it.concurrent('with CLIENT PAUSE WRITE: a commit waits, or its outcome is unknown; reads go on', async () => {
    const { scenario } = await startWithValues();
    await using _ = scenario;
    const config = await scenario.connect();
    const states: string[] = [];
    config.onStateChange((state) => states.push(state));
    await scenario.redis.cli('CLIENT', 'PAUSE', '500', 'WRITE');
    await config.set('a', 'waited');
    await scenario.redis.cli('CLIENT', 'PAUSE', '10000', 'WRITE');
    const error: unknown = await config.set('a', 'unknown', { requestId: 'paused' }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toMatchObject({ cause: { code: 'store_unavailable' } });
    await provenAgain(config);
    await scenario.redis.cli('CLIENT', 'UNPAUSE');
    await config.set('a', 'unknown', { requestId: 'paused' });
    await converges(scenario.redis, [config]);
    expect(states).not.toContain('offline');
    const requests = [];
    for await (const { requestId } of config.history({ afterRevision: 2 })) requests.push(requestId);
    expect(requests).toEqual(['paused']);
    report({
      row: 13,
      scenario: 'CLIENT PAUSE WRITE',
      injected: '0.5 s, and longer than a commit waits',
      invariants: 'U C A',
      figures: { duplicates: 0, falseDeaths: 0 },
    });
  });

  it.concurrent('with CLIENT PAUSE WRITE, the keeper among the instances is proven current, too', async () => {
    const { scenario, config } = await startWithValues();
    await using _ = scenario;
    // Looked at once more a second later: in the pause.
    await config.set('a', '1');
    await scenario.redis.cli('CLIENT', 'PAUSE', '60000', 'WRITE');
    await until('what it writes as the keeper is held up', async () =>
      /flags=\w*b/.test(await scenario.redis.cli('CLIENT', 'LIST')),
    );
    await provenAgain(config);
    await provenAgain(config);
    await scenario.redis.cli('CLIENT', 'UNPAUSE');
  });

  it.concurrent('and becomes the replica of another, with another history: the instance follows by value', async () => {
    const { scenario, config } = await startWithValues();
    await using _ = scenario;
    const { redis } = scenario;
    const other = await startRedis();
    scenario.defer(() => other.stop());
    for (const each of [redis, other]) await each.cli('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    await other.cli('REPLICAOF', '127.0.0.1', String(redis.port));
    await until('the other is in step', async () => (await other.cli('GET', 'mutt:config:b')) === 'before');
    await other.cli('REPLICAOF', 'NO', 'ONE');
    // The same revisions of the same epoch, here and there, but other changes.
    const there = await scenario.connect(other);
    await there.set('a', 'there');
    await there.delete('b');
    await other.cli('SET', 'mutt:config:raw', 'there');
    await config.set('a', 'here');
    await config.set('c', 'here');
    const startedAtMs = performance.now();
    await redis.cli('REPLICAOF', '127.0.0.1', String(other.port));
    await until('the full resync is done', async () => (await redis.cli('GET', 'mutt:config:a')) === 'there');
    await converges(redis, [config, there], BOUND_MS.healed);
    await becomesLive(config);
    expect({ ...config.getAll() }).toEqual({ a: 'there', raw: 'there' });
    report({
      row: 13,
      scenario: 'full resync to a diverged history',
      injected: 'REPLICAOF',
      invariants: 'C',
      figures: { recoveryMs: rounded(performance.now() - startedAtMs) },
    });
  });
});
