import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  AccessDeniedError,
  DynamicConfig,
  InvalidKeyError,
  OutcomeUnknownError,
  StoreUnavailableError,
} from '@mutt/dynamic-config';
import { HttpStore } from '@mutt/dynamic-config/http';
import { until } from '@mutt/dynamic-config/testing';
import { blocksOf } from '../docs/blocks.ts';
import {
  becomesLive,
  converges,
  Invariants,
  leavesLive,
  provenAgain,
  readConstantly,
  Told,
} from '../support/invariants.ts';
import type { Pair } from './history.ts';
import { report, rounded } from '../support/report.ts';
import { BOUND_MS, CACHE_TTL_MS } from '../support/scenario.ts';
import { seededRandom } from '../support/seed.ts';
import { ServerScenario } from '../support/server-scenario.ts';
import type { ProxyLink, TcpProxy } from '../support/tcp-proxy.ts';

const MIB = 1024 * 1024;
/** The longest pause between two attempts to open the stream. */
const RECONNECT_MS = 10_000;
/** What an instance waits for a reply. */
const TIMEOUT_MS = 5_000;

let world: ServerScenario;
/** What a test leaves open. */
let open: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  world = await ServerScenario.start();
}, 120_000);
afterAll(() => world[Symbol.asyncDispose]());
afterEach(async () => {
  for (const one of open) await one.close();
  open = [];
});

async function connect(proxy?: TcpProxy): Promise<DynamicConfig> {
  const config = await world.connect(proxy);
  open.push(config);
  return config;
}

async function connectToRedis(): Promise<DynamicConfig> {
  const config = await world.scenario.connect();
  open.push(config);
  return config;
}

/** Commits until it is confirmed: the same request, so it is applied once. */
async function commitSurely(
  config: DynamicConfig,
  keys: readonly string[],
  { value, requestId, notify = true }: { value: string; requestId: string; notify?: boolean },
): Promise<void> {
  const changes = keys.map((key) => ({ key, value }));
  const isConfirmed = async (): Promise<unknown> =>
    config.commit(changes, { requestId, notify }).catch((error: unknown) => {
      if (error instanceof OutcomeUnknownError || error instanceof StoreUnavailableError) return null;
      throw error;
    });
  await until(`${requestId} is confirmed`, isConfirmed, 30_000);
}

describe('row 35, over HTTP: instances, at random', () => {
  const PAIRS: readonly Pair[] = [
    ['left', 'right'],
    ['up', 'down'],
  ];
  /** One in 20 of them kills the server, and starts it again: seconds. */
  const STEPS = process.env['FAULTS'] === 'full' ? 200 : 20;
  const RAW = ['raw_1', 'raw_2', 'raw_3'];

  it(
    'never serve what nobody wrote, go back or tear a change set, and converge',
    { timeout: 60_000 + 2_000 * STEPS },
    async () => {
      const random = seededRandom('instances over HTTP');
      const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
      const proxy = await world.proxy();
      const invariants = new Invariants({ pairs: PAIRS });
      const overRedis = await connectToRedis();
      const overHttp = [await connect(proxy), await connect(proxy), await connect(), await connect()];
      const told = overHttp.map((config, n) => {
        invariants.observe(config, `instance ${n}`);
        return new Told(config);
      });
      const requests = new Set<string>();
      const traffic = new AbortController();
      const commitPairs = async (name: string, config: DynamicConfig): Promise<void> => {
        for (let n = 0; !traffic.signal.aborted; n++) {
          const pair = pick(PAIRS);
          const value = `${name}-${n}`;
          for (const key of pair) invariants.wrote(key, value);
          requests.add(value);
          await commitSurely(config, pair, { value, requestId: value, notify: random() > 0.2 });
          await elapse(random() * 20);
        }
      };
      const writeRaw = async (): Promise<void> => {
        for (let n = 0; !traffic.signal.aborted; n++) {
          const [key, value] = [pick(RAW), `raw-${n}`];
          invariants.wrote(key, value);
          await (random() < 0.3
            ? world.scenario.redis.cli('DEL', `mutt:config:${key}`)
            : world.scenario.redis.cli('SET', `mutt:config:${key}`, value));
          await elapse(random() * 50);
        }
      };
      const writing = [
        commitPairs('redis', overRedis),
        commitPairs('http', overHttp[2] as DynamicConfig),
        commitPairs('proxied', overHttp[0] as DynamicConfig),
        writeRaw(),
      ];
      const faults: readonly (() => Promise<void> | void)[] = [
        () => void proxy.resetAll(),
        () => void world.toRedis.resetAll(),
        () => void (proxy.toClient.delayMs = random() * 60),
        () => void (proxy.toServer.delayMs = random() * 60),
        async () => {
          proxy.hold(proxy.toClient);
          await elapse(random() * 500);
          proxy.hold(proxy.toClient, false);
        },
      ];
      let kills = 0;
      try {
        for (let n = 0; n < STEPS; n++) {
          if (n % 20 === 10) {
            await world.killServer();
            await world.startServer();
            kills += 1;
          } else await pick(faults)();
          await elapse(random() * 200);
        }
        proxy.heal();
      } finally {
        traffic.abort();
      }
      await Promise.all(writing);
      const healedAtMs = performance.now();
      for (const config of overHttp) await becomesLive(config, RECONNECT_MS + BOUND_MS.healed);
      const liveMs = performance.now() - healedAtMs;
      await converges(world.scenario.redis, overHttp, BOUND_MS.healed);
      for (const each of told) await each.knowsAll();
      expect(invariants.violations).toEqual([]);
      const applied: string[] = [];
      for await (const { requestId } of overRedis.history({ afterRevision: 0 }))
        if (requestId !== null) applied.push(requestId);
      expect(applied.filter((id) => requests.has(id)).toSorted()).toEqual([...requests].toSorted());
      expect(requests.size).toBeGreaterThan(50);
      report({
        row: 35,
        scenario: `4 instances over HTTP, ${requests.size} change sets`,
        injected: `RST, delay, black hole, K9 of the server (${kills})`,
        invariants: 'V M T C N A',
        figures: { liveMs: rounded(liveMs), violations: 0 },
      });
    },
  );
});

describe('row 3, over HTTP: a link on which bytes no longer arrive', () => {
  it('in one direction is noticed, reads go on, and all is well when it heals', async () => {
    const isSurvived = async (direction: 'toClient' | 'toServer'): Promise<void> => {
      const proxy = await world.proxy();
      const [config, writer] = [await connect(proxy), await connectToRedis()];
      const stopReading = readConstantly(config);
      await becomesLive(config);
      proxy.hold(proxy[direction]);
      const noticedMs = await leavesLive(config, BOUND_MS.noticed);
      await writer.set(`link_${direction}`, 'missed');
      await until('it has given the stream up', () => config.status().state === 'offline', TIMEOUT_MS + 2_000);
      expect(config.status().lastError).toBeInstanceOf(StoreUnavailableError);
      const readings = stopReading();
      proxy.heal();
      const healedMs = await converges(world.scenario.redis, [config], BOUND_MS.healed);
      await becomesLive(config);
      expect(readings.errors).toEqual([]);
      report({
        row: 3,
        scenario: `half-open link over HTTP, ${direction}`,
        injected: 'black hole',
        invariants: 'H U C',
        figures: { detectionMs: rounded(noticedMs), recoveryMs: rounded(healedMs) },
      });
    };
    await Promise.all([isSurvived('toClient'), isSurvived('toServer')]);
  });

  it('for good is given up for a new one, once', async () => {
    const proxy = await world.proxy();
    const timeoutMs = 1_000;
    const store = HttpStore.open(`http://127.0.0.1:${proxy.port}`, { apiKey: world.apiKey, timeoutMs });
    const config = await DynamicConfig.connect(store, { cacheTtl: CACHE_TTL_MS / 1000 });
    open.push(config, store);
    await provenAgain(config);
    let streams = 0;
    proxy.onCommand = ([line = '']) => {
      if (line.startsWith('GET /api/v1/events')) streams += 1;
      return 'pass';
    };
    const dead = new Set(proxy.links);
    let areNewOnesDead = true;
    proxy.filter = ({ bytes }, link) => {
      if (areNewOnesDead) dead.add(link);
      return dead.has(link) ? [] : [bytes];
    };
    // So that several requests wait in vain.
    await elapse(timeoutMs - 100);
    areNewOnesDead = false;
    expect(config.status().state).not.toBe('live');
    await world.scenario.redis.cli('SET', 'mutt:config:raw', 'missed');
    await becomesLive(config, timeoutMs + BOUND_MS.healed);
    await until('it is told', () => config.get('raw', null) === 'missed', BOUND_MS.noticed);
    // All that was asked of the dead ones is given up by now.
    await elapse(timeoutMs);
    expect([config.status().state, streams]).toEqual(['live', 1]);
  });
});

describe('row 6, over HTTP: a stream that delivers nothing, though changes happen', () => {
  it('hides none of them for longer than the bound', async () => {
    const proxy = await world.proxy();
    const streams = new Set<ProxyLink>();
    proxy.onCommand = ([line = ''], link) => {
      if (line.startsWith('GET /api/v1/events')) streams.add(link);
      return 'pass';
    };
    const config = await connect(proxy);
    const writer = await connectToRedis();
    await becomesLive(config);
    let swallowed = 0;
    proxy.filter = ({ bytes }, link) => {
      if (!streams.has(link)) return [bytes];
      swallowed += 1;
      return [];
    };
    const staleMs: number[] = [];
    for (let n = 0; n < 3; n++) {
      const changedAtMs = performance.now();
      await writer.set('silent', `ours ${n}`);
      await until('it is seen', () => config.get('silent', null) === `ours ${n}`, BOUND_MS.noticed);
      await world.scenario.redis.cli('SET', 'mutt:config:silent', `raw ${n}`);
      await until('it is seen', () => config.get('silent', null) === `raw ${n}`, BOUND_MS.noticed);
      staleMs.push(performance.now() - changedAtMs);
    }
    expect(swallowed).toBeGreaterThan(0);
    report({
      row: 6,
      scenario: 'a stream over HTTP that delivers nothing',
      injected: `${swallowed} pieces dropped`,
      invariants: 'C',
      figures: { twoChangesMostMs: rounded(Math.max(...staleMs)) },
    });
  });
});

describe('row 4, over HTTP: the server frozen', () => {
  it('is noticed, reads go on, and it heals by itself', async () => {
    const [config, writer] = [await connect(), await connectToRedis()];
    await becomesLive(config);
    const stopReading = readConstantly(config);
    void world.server.kill('SIGSTOP');
    const noticedMs = await leavesLive(config, BOUND_MS.noticed);
    await writer.set('frozen', 'meanwhile');
    await elapse(500);
    void world.server.kill('SIGCONT');
    const healedMs = await converges(world.scenario.redis, [config], BOUND_MS.healed);
    await becomesLive(config);
    expect(stopReading()).toMatchObject({ errors: [] });
    report({
      row: 4,
      scenario: 'the server frozen, instances over HTTP',
      injected: 'SIGSTOP',
      invariants: 'H U C',
      figures: { detectionMs: rounded(noticedMs), recoveryMs: rounded(healedMs) },
    });
  });
});

describe('row 3, over HTTP: a server that is cut off from its Redis', () => {
  afterEach(async () => {
    world.toRedis.heal();
    await world.isReady();
  });

  it.each([
    ['by a black hole', () => world.toRedis.hold(world.toRedis.toClient)],
    ['by resets, again and again', () => (world.toRedis.onCommand = (_, link) => (link.reset(), 'drop'))],
  ])('%s: no instance behind it takes it for current', async (how, cut) => {
    const [config, writer] = [await connect(), await connectToRedis()];
    await provenAgain(config);
    cut();
    await writer.set('cut', how);
    const noticedMs = await leavesLive(config, BOUND_MS.noticed);
    for (let n = 0; n < 20; n++) {
      expect([config.status().state, config.get('cut', null)]).not.toEqual(['live', how]);
      expect(config.status().state).not.toBe('live');
      await elapse(50);
    }
    await until('the reason is known', () => config.status().lastError !== null, TIMEOUT_MS + 1_000);
    expect(config.status().lastError).toBeInstanceOf(StoreUnavailableError);
    world.toRedis.heal();
    const healedMs = await converges(world.scenario.redis, [config], BOUND_MS.healed + TIMEOUT_MS);
    await becomesLive(config);
    report({
      row: 3,
      scenario: `the server cut off from Redis ${how}, instances over HTTP`,
      injected: 'black hole, RST',
      invariants: 'H C',
      figures: { detectionMs: rounded(noticedMs), recoveryMs: rounded(healedMs) },
    });
  });
});

describe('row 10, over HTTP: Redis emptied behind the server', () => {
  it('changes no value, raises the alarm, and is restored by any instance', async () => {
    const { redis } = world.scenario;
    const [config, other] = [await connect(), await connect()];
    await config.commit([
      { key: 'kept_1', value: '1' },
      { key: 'kept_2', value: '2' },
    ]);
    await converges(redis, [config, other]);
    const before = { ...config.getAll() };
    await redis.cli('FLUSHALL');
    for (const each of [config, other]) {
      await until('the alarm', () => each.status().alarm !== null, BOUND_MS.healed);
      expect(each.status().alarm?.keys).toEqual(Object.keys(before).toSorted());
      expect({ ...each.getAll() }).toEqual(before);
    }
    // What nobody stored any more is no value of a new instance.
    const late = await connect();
    expect(late.getAll()).toEqual({});
    await config.set('kept_1', 'new');
    await until('it is known', () => other.get('kept_1') === 'new');
    expect(other.get('kept_2')).toBe('2');
    await other.restore();
    const restored = { ...before, kept_1: 'new' };
    await converges(redis, [config, other, late]);
    for (const each of [config, other, late]) expect({ ...each.getAll() }).toEqual(restored);
    await until('no alarm', () => [config, other, late].every((each) => each.status().alarm === null));
  });
});

describe('row 31, over HTTP: large change sets, large and hostile values', () => {
  it('of 1,000 keys and 8 MiB arrive whole', async () => {
    const [config, other] = [await connect(), await connect()];
    const keys = Array.from({ length: 1_000 }, (_, n) => `large_${n}`);
    const length = Math.floor((8 * MIB - keys.join('').length) / keys.length);
    const invariants = new Invariants({ pairs: [['large_0', 'large_999']] });
    invariants.observe(other);
    for (const letter of ['a', 'c'])
      await commitSurely(config, keys, { value: letter.repeat(length), requestId: `large-${letter.codePointAt(0)}` });
    await until('it has arrived', () => other.get('large_999', null) === 'c'.repeat(length));
    expect(keys.every((key) => other.get(key) === 'c'.repeat(length))).toBe(true);
    await config.commit(keys.map((key) => ({ key, delete: true })));
    await until('it is gone', () => other.get('large_0', null) === null);
    expect(invariants.violations).toEqual([]);
    await becomesLive(other);
  });

  it('of 1 MiB, and whatever keys and values may hold, come back as they were', async () => {
    const [config, other] = [await connect(), await connect()];
    const hostile: Readonly<Record<string, string>> = Object.fromEntries([
      ['__proto__', '__proto__'],
      ['constructor', '{"__proto__":{"polluted":true}}'],
      ['toString', ''],
      ['hasOwnProperty', 'data: x\n\nevent: reset\ndata: {}\n\n'],
      ['..', '../../etc/passwd'],
      ['.', ' '],
      ['a/b:c', 'line\r\nline\rline\n'],
      ['-', 'NUL \0, RTL \u202e, BOM \ufeff, LS \u2028, 🦔'],
      ['1', '\ufeff1e999'],
      ['big', 'ü'.repeat(MIB / 2)],
    ]);
    await config.commit(Object.entries(hostile).map(([key, value]) => ({ key, value })));
    for (const key of ['[a]*', 'a b', 'ключ', 'updates', '', 'x'.repeat(257)])
      await expect(config.set(key, '1')).rejects.toBeInstanceOf(InvalidKeyError);
    await until('it has arrived', () => other.get('big', null) !== null);
    const late = await connect();
    for (const each of [config, other, late])
      for (const [key, value] of Object.entries(hostile)) expect(each.get(key, null)).toBe(value);
    await converges(world.scenario.redis, [config, other, late]);
    for (const key of Object.keys(hostile)) await late.delete(key);
    await converges(world.scenario.redis, [config, other, late]);
  });
});

describe('a program without the library, as docs/rest-api.md has it', () => {
  it('stays current, whoever writes and whatever becomes of its connection', async () => {
    const [code = ''] = await blocksOf('docs/rest-api.md', 'js', 'For other instances');
    const { follow } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as { follow: Follow };
    const proxy = await world.proxy();
    let entries: Readonly<Record<string, { value: string }>> = {};
    const ending = new AbortController();
    const following = follow(
      `http://127.0.0.1:${proxy.port}`,
      world.apiKey,
      (all) => {
        entries = all;
      },
      ending.signal,
    );
    const sees = async (value: string): Promise<void> =>
      void (await until(`it sees ${value}`, () => entries['followed']?.value === value, BOUND_MS.healed));
    const writer = await connectToRedis();
    await writer.set('followed', 'at first');
    await sees('at first');
    await world.scenario.redis.cli('SET', 'mutt:config:followed', 'raw');
    await sees('raw');
    proxy.resetAll();
    await writer.set('followed', 'after a reset');
    await sees('after a reset');
    ending.abort();
    await following;
  });
});

type Follow = (
  url: string,
  apiKey: string,
  changed: (entries: Readonly<Record<string, { value: string }>>) => void,
  signal: AbortSignal,
) => Promise<void>;

describe('row 14, over HTTP: an API key that is revoked', () => {
  it('is said, values stay, and nobody floods the server', async () => {
    const proxy = await world.proxy();
    const configs = [await connect(proxy), await connect(proxy)];
    await (configs[0] as DynamicConfig).set('before', 'revoked');
    await converges(world.scenario.redis, configs);
    const before = { ...configs[0]?.getAll() };
    let asked = 0;
    proxy.onCommand = () => {
      asked += 1;
      return 'pass';
    };
    const revokedAtMs = performance.now();
    await world.killServer();
    await world.startServer(`mutt-${'n'.repeat(40)}`);
    for (const config of configs) {
      const isDenied = (): boolean => config.status().lastError instanceof AccessDeniedError;
      await until('it is said', isDenied, RECONNECT_MS + BOUND_MS.healed);
    }
    const linesBefore = world.scenario.logged.length;
    await elapse(1_000);
    // Eight attempts until the pauses are as long as they get, then one in half of that, at most.
    const mostEach = 8 + (performance.now() - revokedAtMs) / (RECONNECT_MS / 2);
    expect(asked).toBeLessThan(configs.length * mostEach);
    expect(world.scenario.logged.length).toBe(linesBefore);
    for (const config of configs) {
      const { state, lastError } = config.status();
      expect([state, (lastError as Error).message]).toEqual(['offline', expect.stringMatching(/API key/)]);
      expect({ ...config.getAll() }).toEqual(before);
    }
    report({
      row: 14,
      scenario: 'an API key revoked, instances over HTTP',
      injected: 'another key',
      invariants: 'H',
      figures: { requestsPerInstance: asked / configs.length },
    });
  });
});
