import { isDeepStrictEqual } from 'node:util';
import { createClient } from '@redis/client';
import { describe, expect, it } from 'vitest';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { freeze } from '../support/freeze.ts';
import { converges, Invariants, stored } from '../support/invariants.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { report, rounded } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';

/** Whatever is seen within this long was announced: no check is due. */
const CACHE_TTL = 60;
const ANNOUNCED_MS = 2_500;

/** Writes past us; returns what it makes of which keys, null for a deletion. */
type RawWrite = (redis: RedisServer) => Promise<Readonly<Record<string, string | null>>>;

const cli =
  (made: Readonly<Record<string, string | null>>, ...commands: readonly string[]): RawWrite =>
  async (redis) => {
    for (const command of commands) await redis.cli(...command.split(' '));
    return made;
  };

/** Lets Redis evict the one large key that may be evicted, and no more. */
const evict: RawWrite = async (redis) => {
  const create = "redis.call('SET', KEYS[1], string.rep('x', 500000), 'EX', 1000)";
  await redis.cli('EVAL', create, '1', 'mutt:config:cached');
  // Recording it takes memory, too.
  await until('it is recorded', async () => (await redis.cli('HEXISTS', 'mutt:config@index', 'cached')) === '1');
  await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
  const used = Number(/used_memory:(\d+)/.exec(await redis.cli('INFO', 'memory'))?.[1]);
  await redis.cli('CONFIG', 'SET', 'maxmemory', String(used - 250_000));
  await until('it is evicted', async () => (await redis.cli('EXISTS', 'mutt:config:cached')) === '0');
  await redis.cli('CONFIG', 'SET', 'maxmemory', '0');
  return { cached: null };
};

/** The last value that history records for each key, and by whom. */
async function recorded(config: DynamicConfig): Promise<Map<string, { value: string | null; source: string }>> {
  const last = new Map<string, { value: string | null; source: string }>();
  for await (const { changes, source } of config.history({ afterRevision: 0 })) {
    for (const { key, value } of changes) last.set(key, { value, source });
  }
  return last;
}

/** The newest record of the log, as it is. */
function lastLogged(redis: RedisServer): Promise<string> {
  return redis.cli('XREVRANGE', 'mutt:config@log', '+', '-', 'COUNT', '1');
}

describe('row 19: a write that goes past us', () => {
  it.concurrent.each<readonly [name: string, write: RawWrite]>([
    ['SET', cli({ a: 'raw' }, 'SET mutt:config:a raw')],
    ['SET and PUBLISH', cli({ a: 'raw' }, 'SET mutt:config:a raw', 'PUBLISH mutt:config:updates a')],
    ['SET of a new key', cli({ new: 'raw' }, 'SET mutt:config:new raw')],
    ['DEL', cli({ a: null }, 'DEL mutt:config:a')],
    ['DEL and PUBLISH', cli({ a: null }, 'DEL mutt:config:a', 'PUBLISH mutt:config:updates a')],
    ['MSET', cli({ a: '1', b: '2', c: '3' }, 'MSET mutt:config:a 1 mutt:config:b 2 mutt:config:c 3')],
    ['APPEND', cli({ a: 'before-more' }, 'APPEND mutt:config:a -more')],
    ['RENAME', cli({ a: null, moved: 'before' }, 'RENAME mutt:config:a mutt:config:moved')],
    ['RENAME out of the namespace', cli({ a: null }, 'RENAME mutt:config:a elsewhere')],
    ['RENAME into the namespace', cli({ b: 'raw' }, 'SET elsewhere raw', 'RENAME elsewhere mutt:config:b')],
    ['PEXPIRE', cli({ a: null }, 'PEXPIRE mutt:config:a 50')],
    ['COPY', cli({ copied: 'before' }, 'COPY mutt:config:a mutt:config:copied')],
    ['eviction', evict],
  ])('by %s is seen at once, by every instance, and recorded as such', async (name, write) => {
    await using scenario = await Scenario.start();
    const configs = [
      await scenario.connect(scenario.redis, { cacheTtl: CACHE_TTL }),
      await scenario.connect(scenario.redis, { cacheTtl: CACHE_TTL }),
    ];
    await scenario.isKept();
    const [config] = configs;
    if (config === undefined) throw new Error('No instances');
    await config.commit(['a', 'b'].map((key) => ({ key, value: 'before' })));
    await converges(scenario.redis, configs);
    const startedAtMs = performance.now();
    const made = await write(scenario.redis);
    const isSeen = (): boolean =>
      configs.every((each) => Object.entries(made).every(([key, value]) => each.get(key, null) === value));
    await until('it is seen', isSeen, ANNOUNCED_MS);
    const seenMs = performance.now() - startedAtMs;
    const expected = Object.entries(made).map(([key, value]) => [key, { value, source: 'out-of-band' }]);
    await until(
      'it is recorded',
      async () => {
        const records = await recorded(config);
        return isDeepStrictEqual(
          Object.keys(made).map((key) => [key, records.get(key)]),
          expected,
        );
      },
      ANNOUNCED_MS,
    );
    const recordedMs = performance.now() - startedAtMs;
    await converges(scenario.redis, configs);
    // Recording it is no write of the value: nobody is told twice.
    expect(config.entry(Object.keys(made)[0] ?? '')?.changedBy ?? null).toBeNull();
    report({
      row: 19,
      scenario: `raw write: ${name}`,
      injected: name,
      invariants: 'C A',
      figures: { seenMs: rounded(seenMs), recordedMs: rounded(recordedMs) },
    });
  });

  it.concurrent('in the same breath as a commit of that key is not taken for a part of it', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    const [config, writer] = [await scenario.connect(), await scenario.connect(proxy)];
    await writer.set('warm', 'up');
    const raw = createClient({ url: proxy.url });
    raw.on('error', () => {});
    await raw.connect();
    scenario.defer(() => raw.destroy());
    for (let n = 0; n < 10; n++) {
      const sent: string[] = [];
      proxy.onCommand = ([name = '']) => {
        sent.push(name);
        return 'pass';
      };
      const thaw = freeze(scenario.redis.process);
      const ours = writer.set(`key-${n}`, 'ours');
      await until('ours is on its way', () => sent.includes('EVALSHA'));
      const theirs = raw.set(`mutt:config:key-${n}`, 'raw');
      await until('theirs is', () => sent.includes('SET'));
      // Redis finds both at once, and announces them together.
      thaw();
      await Promise.all([ours, theirs]);
    }
    await converges(scenario.redis, [config, writer], ANNOUNCED_MS);
    // Ours came first.
    expect(Object.values(await stored(scenario.redis))).toContain('raw');
  });

  it.concurrent('is seen at once by an instance that may only read, where nobody records it', async () => {
    await using scenario = await Scenario.start();
    await scenario.redis.cli('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '&*', '+@all', '-@write');
    const url = scenario.redis.url.replace('//', '//reader:pw@');
    const config = await scenario.connect({ url }, { cacheTtl: CACHE_TTL });
    const { head } = config;
    for (const value of ['1', '2', '3', '2']) {
      await scenario.redis.cli('SET', 'mutt:config:a', value);
      await until('it is seen', () => config.get('a', null) === value, ANNOUNCED_MS);
    }
    await scenario.redis.cli('DEL', 'mutt:config:a');
    await until('it is gone', () => config.get('a', null) === null, ANNOUNCED_MS);
    expect(config.head).toEqual(head);
  });

  it.concurrent('that races with commits of the same key is neither lost nor unrecorded', async () => {
    await using scenario = await Scenario.start();
    const invariants = new Invariants();
    const [config, writer] = [await scenario.connect(), await scenario.connect()];
    invariants.observe(config);
    for (let n = 0; n < 60; n++) {
      for (const value of [`raw-${n}`, `ours-${n}`]) invariants.wrote('a', value);
      await Promise.all([scenario.redis.cli('SET', 'mutt:config:a', `raw-${n}`), writer.set('a', `ours-${n}`)]);
    }
    await converges(scenario.redis, [config, writer]);
    const value = (await stored(scenario.redis))['a'];
    await until('the last value is recorded', async () => (await recorded(config)).get('a')?.value === value);
    expect(invariants.violations).toEqual([]);
  });

  it.concurrent('while the one before it is being recorded is recorded, too', async () => {
    await using scenario = await Scenario.start();
    const { redis } = scenario;
    const proxy = await scenario.proxy();
    const keeper = await scenario.connect(proxy, { cacheTtl: CACHE_TTL });
    await scenario.isKept();
    // So that Redis knows the script.
    await keeper.set('a', '0');
    for (const value of ['1', '2', '3']) {
      proxy.onCommand = ([name = '']) => {
        if (name.startsWith('EVAL')) proxy.hold(proxy.toClient);
        return 'pass';
      };
      await redis.cli('SET', 'mutt:config:a', `${value}-first`);
      await until('the first is recorded', async () => (await lastLogged(redis)).includes(`${value}-first`));
      await redis.cli('SET', 'mutt:config:a', `${value}-second`);
      // That it is recorded, and that there is another one, now arrive in one piece.
      proxy.heal();
      await until('the second is recorded', async () => (await lastLogged(redis)).includes(`${value}-second`));
    }
    await until('it is served, too', () => keeper.get('a') === '3-second');
  });

  it.concurrent('of a new key, that is recorded while an instance starts, is not missed by that', async () => {
    await using scenario = await Scenario.start();
    const { redis } = scenario;
    const [keepers, starters] = [await scenario.proxy(), await scenario.proxy()];
    const keeper = await scenario.connect(keepers);
    await scenario.isKept();
    await keeper.set('a', '1');
    keepers.onCommand = ([name = '']) => {
      if (name.startsWith('EVAL')) keepers.hold(keepers.toServer);
      return 'pass';
    };
    await redis.cli('SET', 'mutt:config:new', '1');
    await until('the keeper is about to record it', () => keepers.toServer.isHeld);
    // The index does not hold it yet when the instance reads that; the log does when it is done.
    let heads = 0;
    starters.onCommand = ([name = '']) => {
      if (name === 'HMGET' && (heads += 1) === 2) starters.hold(starters.toServer);
      return 'pass';
    };
    // Nothing is pushed to an instance that does not watch.
    const starting = scenario.connect(starters, { startWatcher: false });
    await until('it has read the index', () => starters.toServer.isHeld);
    keepers.heal();
    await until('it is recorded', async () => (await redis.cli('HEXISTS', 'mutt:config@index', 'new')) === '1');
    starters.heal();
    const config = await starting;
    expect({ ...config.getAll() }).toEqual({ a: '1', new: '1' });
  });

  it.concurrent.each([
    ['the keeper', 'writer', '+@all'],
    // Who records what others write, and so tells of it, is not there.
    ['an instance that may only read, alone', 'reader', '-@write'],
  ])('by FLUSHALL is told at once, though no check is due, by %s', async (who, user, rights) => {
    await using scenario = await Scenario.start();
    await scenario.redis.cli('ACL', 'SETUSER', user, 'on', '>pw', '~*', '&*', '+@all', rights);
    const url = scenario.redis.url.replace('//', `//${user}:pw@`);
    await scenario.redis.cli('SET', 'mutt:config:a', 'before');
    const config = await scenario.connect({ url }, { cacheTtl: CACHE_TTL });
    const startedAtMs = performance.now();
    await scenario.redis.cli('FLUSHALL');
    await until('the alarm', () => config.status().alarm !== null, ANNOUNCED_MS);
    expect(config.get('a')).toBe('before');
    report({
      row: 19,
      scenario: `FLUSHALL: alarm of ${who}`,
      injected: 'FLUSHALL',
      invariants: 'V',
      figures: { alarmMs: rounded(performance.now() - startedAtMs) },
    });
  });
});

describe('row 19: SWAPDB, which Redis announces to nobody', () => {
  it.concurrent('to another history is found at the next check', async () => {
    await using scenario = await Scenario.start();
    const [config, other] = [await scenario.connect(), await scenario.connect({ url: `${scenario.redis.url}/1` })];
    await config.set('a', '0');
    await other.set('a', '1');
    await other.set('b', '1');
    await scenario.redis.cli('-n', '1', 'SET', 'mutt:config:raw', '1');
    await until('it is recorded there', async () => (await recorded(other)).has('raw'));
    const startedAtMs = performance.now();
    await scenario.redis.cli('SWAPDB', '0', '1');
    await converges(scenario.redis, [config], 2_000);
    expect(config.status().alarm).toBeNull();
    report({
      row: 19,
      scenario: 'SWAPDB to another epoch',
      injected: 'SWAPDB',
      invariants: 'C',
      figures: { seenMs: rounded(performance.now() - startedAtMs) },
    });
  });

  it.concurrent(
    'to the same history with other values is found by the next full comparison, and recorded',
    async () => {
      await using scenario = await Scenario.start();
      const { redis } = scenario;
      const writer = await scenario.connect();
      await writer.commit(['a', 'b'].map((key) => ({ key, value: 'before' })));
      await writer.close();
      for (const key of ['@head', '@index', '@log', '@requests', ':a', ':b'])
        await redis.cli('COPY', `mutt:config${key}`, `mutt:config${key}`, 'DB', '1');
      await redis.cli('-n', '1', 'SET', 'mutt:config:a', 'raw');
      await redis.cli('-n', '1', 'SET', 'mutt:config:new', 'raw');
      await redis.cli('-n', '1', 'DEL', 'mutt:config:b');
      const config = await scenario.connect(redis, { clock: hurriedClock });
      await scenario.isKept();
      await redis.cli('SWAPDB', '0', '1');
      await converges(redis, [config], 2_000);
      // The lease stayed in the other database: the keeper takes it anew at its next turn, and looks at all keys.
      await until('it is recorded', async () => {
        const records = await recorded(config);
        return ['a', 'b', 'new'].every((key) => records.get(key)?.source === 'out-of-band');
      });
      await converges(redis, [config]);
    },
  );
});

/** The minute between two full comparisons, in a tenth of a second. */
const hurriedClock = {
  now: () => performance.now(),
  after(delayMs: number, task: () => void): () => void {
    const timer = setTimeout(task, delayMs > 30_000 ? delayMs / 500 : delayMs);
    return () => clearTimeout(timer);
  },
};
