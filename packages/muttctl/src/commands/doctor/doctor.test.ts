import { rm } from 'node:fs/promises';
import { DynamicConfig, integer } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDir } from '../../../../../test/support/data-dir.ts';
import { indexIsComplete } from '../../../../../test/support/index-is-complete.ts';
import { freePort } from '../../../../../test/support/free-port.ts';
import { startRedis, type RedisServer } from '../../../../../test/support/redis-server.ts';
import { startServer, type RunningServer } from '../../../../server/src/index.ts';
import { runMuttctl, type Outcome } from '../../../test/run-muttctl.ts';

interface Report {
  readonly exitCode: number | null;
  /** By check. */
  readonly found: Readonly<Record<string, { severity: string; what: string; fix: string | null }>>;
}

async function doctor(url: string, ...args: string[]): Promise<Report> {
  const { stdout, exitCode } = await runMuttctl(['doctor', '--url', url, '--json', ...args], {
    env: { MUTT_API_KEY: API_KEY },
  });
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; severity: string; what: string; fix: string }[];
  };
  return { exitCode, found: Object.fromEntries(findings.map(({ check, ...finding }) => [check, finding])) };
}

const API_KEY = 'correct-horse-battery-staple';
const SEEN = ['ok', 'unknown'];

describe('doctor', () => {
  let dataDir: string;
  let redis: RedisServer;
  let server: RunningServer;

  beforeAll(async () => {
    dataDir = await makeDataDir('muttctl-doctor-');
    redis = await startRedis('--appendonly', 'yes');
    server = await startServer({
      host: '127.0.0.1',
      port: 0,
      dataDir,
      entries: { store: 'redis', url: redis.url },
      apiKey: API_KEY,
      allowPrivateWebhooks: true,
      logLevel: 'silent',
    });
    await indexIsComplete(redis);
    const config = await DynamicConfig.connect(redis.url);
    await config.commit([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    await config.close();
  });
  afterAll(async () => {
    await server.close();
    await redis.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('is silent on a healthy Redis and a healthy server', async () => {
    for (const url of [redis.url, server.url]) {
      // Right after a start, or on a busy machine, there may be something for a moment: that is no reason to be noisy for long.
      let bad: unknown[] = [];
      const isSilent = async (): Promise<boolean> => {
        const { exitCode, found } = await doctor(url, '--strict');
        bad = Object.entries(found).filter(([, { severity }]) => !SEEN.includes(severity));
        if (bad.length > 0 || exitCode !== 0) return false;
        const quiet = await runMuttctl(['doctor', '--url', url, '--quiet'], { env: { MUTT_API_KEY: API_KEY } });
        return quiet.exitCode === 0 && `${quiet.stdout}${quiet.stderr}` === '';
      };
      await until('it is silent', isSilent, 30_000).catch((error: unknown) => {
        expect(bad).toEqual([]);
        throw error;
      });
    }
  });

  it('tells each thing that it looked at, for people', async () => {
    const { stdout, exitCode } = await runMuttctl(['doctor', '--url', redis.url]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^✓ reach {2}Redis answers at redis:/);
    expect(stdout).toMatch(/^✓ latency {2}A round trip takes \d/m);
    expect(stdout).toMatch(/^✓ set-to-seen {2}A write is seen on another connection after \d/m);
    expect(stdout).toContain('2 keys, all of them settings');
  });

  interface Plant {
    readonly plant: readonly (readonly string[])[];
    readonly mend: readonly (readonly string[])[];
    readonly check: string;
    readonly severity: 'warning' | 'problem';
    readonly fix: string;
  }

  it.each<[string, Plant]>([
    [
      'nothing is written to disk',
      {
        plant: [['CONFIG', 'SET', 'appendonly', 'no']],
        mend: [['CONFIG', 'SET', 'appendonly', 'yes']],
        check: 'persistence',
        severity: 'problem',
        fix: 'CONFIG SET appendonly yes',
      },
    ],
    [
      'settings may be evicted',
      {
        plant: [
          ['CONFIG', 'SET', 'maxmemory', '100mb'],
          ['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'],
        ],
        mend: [
          ['CONFIG', 'SET', 'maxmemory', '0'],
          ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'],
        ],
        check: 'memory',
        severity: 'problem',
        fix: 'CONFIG SET maxmemory-policy noeviction',
      },
    ],
    [
      'idle connections are closed',
      {
        plant: [['CONFIG', 'SET', 'timeout', '30']],
        mend: [['CONFIG', 'SET', 'timeout', '0']],
        check: 'timeout',
        severity: 'warning',
        fix: 'CONFIG SET timeout 0',
      },
    ],
    [
      'subscribers are cut early',
      {
        plant: [['CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1048576 524288 60']],
        mend: [['CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 33554432 8388608 60']],
        check: 'output-buffer',
        severity: 'warning',
        fix: 'CONFIG SET client-output-buffer-limit',
      },
    ],
    [
      'a setting expires',
      {
        plant: [['EXPIRE', 'mutt:config:a', '100000']],
        mend: [['PERSIST', 'mutt:config:a']],
        check: 'expiry',
        severity: 'problem',
        fix: 'PERSIST mutt:config:a',
      },
    ],
    [
      'a key is of another type',
      {
        plant: [['LPUSH', 'mutt:config:list', '1']],
        mend: [['DEL', 'mutt:config:list']],
        check: 'stray-keys',
        severity: 'warning',
        fix: 'DEL mutt:config:list',
      },
    ],
    [
      'a key has no valid name',
      {
        plant: [['SET', 'mutt:config:not a name', '1']],
        mend: [['DEL', 'mutt:config:not a name']],
        check: 'stray-keys',
        severity: 'warning',
        fix: 'DEL mutt:config:not',
      },
    ],
    [
      'this is a replica',
      {
        plant: [['REPLICAOF', '127.0.0.1', '1']],
        mend: [['REPLICAOF', 'NO', 'ONE']],
        check: 'role',
        severity: 'problem',
        fix: 'redis://127.0.0.1:1',
      },
    ],
  ])('finds that %s, and says what to do', async (_, { plant, mend, check, severity, fix }) => {
    for (const command of plant) await redis.cli(...command);
    try {
      const { exitCode, found } = await doctor(redis.url, '--strict');
      expect(found[check]).toMatchObject({ severity, fix: expect.stringContaining(fix) as string });
      expect(exitCode).toBe(6);
    } finally {
      for (const command of mend) await redis.cli(...command);
    }
    expect(SEEN).toContain((await doctor(redis.url)).found[check]?.severity);
  });

  describe('of a namespace that nobody keeps', () => {
    beforeEach(async () => {
      await redis.cli('DEL', 'other@head', 'other@index', 'other@log', 'other@requests', 'other:a');
      const config = await DynamicConfig.connect(redis.url, { prefix: 'other' });
      for (const value of ['1', '2', '3']) await config.set('a', value);
      await config.close();
    });

    it.each<[string, readonly string[], string, string]>([
      ['somebody wrote past us', ['SET', 'other:a', 'past us'], 'drift', 'warning'],
      ['the log was cut', ['DEL', 'other@log'], 'log', 'problem'],
      ['the log has a hole', ['XDEL', 'other@log', '2-0'], 'log', 'problem'],
      ['the head is damaged', ['HSET', 'other@head', 'revision', 'x'], 'log', 'problem'],
      ['something took the place of the index', ['SET', 'other@requests', 'x'], 'own-keys', 'problem'],
      ['nobody is there', ['PING'], 'instances', 'warning'],
      ['no audit trail reads the log', ['PING'], 'audit', 'warning'],
    ])('finds that %s', async (_, command, check, severity) => {
      await redis.cli(...command);
      const { found } = await doctor(redis.url, '--prefix', 'other');
      expect(found[check]).toMatchObject({ severity });
    });

    it('finds an audit trail that was given up', async () => {
      await redis.cli('XGROUP', 'CREATE', 'other@log', 'audit:gone', '0');
      await redis.cli('XADD', 'other@log', '20000-0', 'f', 'v');
      const { found } = await doctor(redis.url, '--prefix', 'other');
      expect(found['audit']).toMatchObject({
        severity: 'problem',
        fix: expect.stringContaining('XGROUP DESTROY other@log audit:gone') as string,
      });
    });
  });

  it('finds rights that are missing', async () => {
    await redis.cli('ACL', 'SETUSER', 'poor', 'on', '>pw', '~*', '&*', '+@all', '-set', '-client|tracking', '-exists');
    const { found } = await doctor(redis.url.replace('redis://', 'redis://poor:pw@'));
    expect(found['rights']).toMatchObject({ severity: 'warning', what: expect.stringContaining('SET') as string });
    expect(found['tracking']).toMatchObject({ severity: 'warning' });
    expect(found['set-to-seen']).toMatchObject({ severity: 'unknown' });
    // Not that there is nothing.
    expect(found['audit']).toMatchObject({ severity: 'unknown' });
    await redis.cli('ACL', 'DELUSER', 'poor');
  });

  it('says that nobody answers, and that a key is refused', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    for (const url of [`redis://${nowhere}`, `http://${nowhere}`]) {
      const { exitCode, found } = await doctor(url);
      expect([exitCode, found['reach']?.severity]).toEqual([6, 'problem']);
    }
    const outcome: Outcome = await runMuttctl(['doctor', '--url', server.url, '--json'], {
      env: { MUTT_API_KEY: 'x' },
    });
    expect(outcome.exitCode).toBe(6);
    expect(outcome.stdout).toContain('"check":"access","severity":"problem"');
  });

  it('finds what is wrong with what a server keeps: a value, a webhook, and what nobody records', async () => {
    const call = async (path: string, body?: object): Promise<Record<string, unknown>> => {
      const headers = { 'x-api-key': API_KEY, ...(body && { 'content-type': 'application/json' }) };
      const init = { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) };
      return (await (await fetch(`${server.url}/api/v1/${path}`, init)).json()) as Record<string, unknown>;
    };
    const settings = { limit: integer({ max: 10, default: 5 }) };
    const alerter = await DynamicConfig.connect(redis.url, { service: { name: 'alerter' }, settings });
    await until('its settings are declared', async () => (await call('settings'))['count'] === 1);
    await alerter.close();
    await call('webhooks', { url: `http://127.0.0.1:${await freePort()}/t0ken` });
    await redis.cli('SET', 'mutt:config:limit', 'many');
    await until('the webhook was tried', async () => {
      const { webhooks } = (await call('webhooks')) as { webhooks: { waiting: { attempts: number } | null }[] };
      return (webhooks[0]?.waiting?.attempts ?? 0) > 0;
    });
    await redis.cli('ACL', 'SETUSER', 'default', '-eval', '-evalsha');
    await redis.cli('SET', 'mutt:config:a', 'past us');
    await until('it is served', async () => (await call('config/a'))['value'] === 'past us');

    const { exitCode, found } = await doctor(server.url);
    await redis.cli('ACL', 'SETUSER', 'default', '+eval', '+evalsha');
    const { values, webhooks, drift, 'out-of-band': outOfBand, ...others } = found;
    expect([exitCode, values?.severity, webhooks?.severity, drift?.severity]).toEqual([
      6,
      'problem',
      'warning',
      'warning',
    ]);
    expect(values?.what).toMatch(
      /^1 value refused by what services declare: limit\. The value of limit must be a whole number/,
    );
    expect(values?.fix).toContain('muttctl config set limit=');
    expect(webhooks?.what).toMatch(/^The webhook to 127\.0\.0\.1:\d+ was tried .* in vain: /);
    expect(JSON.stringify(webhooks)).not.toContain('t0ken');
    // This is what was recorded of the values that were put there so.
    expect(outOfBand?.severity).toBe('warning');
    expect(drift?.what).toBe('One value is not as the audit trail says: a.');
    expect(Object.values(others).filter(({ severity }) => !SEEN.includes(severity))).toEqual([]);
  });
});
