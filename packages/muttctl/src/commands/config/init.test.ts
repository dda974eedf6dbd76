import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeSetting, DynamicConfig, integer, secret } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDir } from '../../../../../test/support/data-dir.ts';
import { startRedis, type RedisServer } from '../../../../../test/support/redis-server.ts';
import { startServer, type RunningServer } from '../../../../server/src/index.ts';
import { runMuttctl, type Outcome } from '../../../test/run-muttctl.ts';

const API_KEY = 'correct-horse-battery-staple';
const MODULE = 'test/settings.mjs';
const PASSWORD = { SMTP_PASSWORD: 'hunter2hunter2' };

let redis: RedisServer;
let server: RunningServer;
let folder: string;
let n = 0;

beforeAll(async () => {
  redis = await startRedis();
  folder = await makeDataDir('muttctl-init-');
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dataDir: folder,
    entries: { store: 'embedded' },
    apiKey: API_KEY,
    logLevel: 'silent',
  });
});
afterAll(async () => {
  await server.close();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A file of this test's own. */
async function file(content: string, name = 'mapping.yaml'): Promise<string> {
  const path = join(folder, `${(n += 1)}-${name}`);
  await writeFile(path, content);
  return path;
}

const cells = (stdout: string): string[][] => stdout.split('\n').map((line) => line.split(/ {2,}/));

describe.each([
  ['a Redis', () => redis.url],
  ['a server', () => server.url],
])('config init, over %s', (_, url) => {
  const connect = (): Promise<DynamicConfig> =>
    DynamicConfig.connect(url(), { startWatcher: false, ...(url() === server.url && { apiKey: API_KEY }) });

  async function stored(): Promise<Record<string, string>> {
    const config = await connect();
    await config.close();
    return { ...config.getAll() };
  }

  function init(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    return runMuttctl(['config', 'init', '--url', url(), ...args], { env: { MUTT_API_KEY: API_KEY, ...env } });
  }

  beforeEach(async () => {
    const config = await connect();
    const keys = Object.keys(config.getAll());
    if (keys.length > 0) await config.commit(keys.map((key) => ({ key, delete: true })));
    await config.close();
  });

  it('gives the settings of a module their first values: from the environment, else their defaults', async () => {
    const env = { MOOG_RATE_LIMIT: '250', FLUSH_EVERY: '120s', DEBUG_MODE: 'True', BANNER: '', ...PASSWORD };
    const { stdout, stderr, exitCode } = await init(['--settings', MODULE, '--reason', 'first deployment'], env);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(cells(stdout)).toEqual([
      ['KEY', 'ACTION', 'VALUE', 'FROM'],
      ['moog_rate_limit', 'set', '250', 'MOOG_RATE_LIMIT'],
      ['cache_reload_interval', 'set', '300', 'default'],
      ['debug_mode', 'set', 'true', 'DEBUG_MODE'],
      ['flush_every', 'set', '2m', 'FLUSH_EVERY'],
      ['shed_mode', 'set', 'dlq', 'default'],
      ['banner', 'set', 'a|b', 'default'],
      ['smtp_password', 'set', '••••••', 'SMTP_PASSWORD'],
      [expect.stringMatching(/^Set 7, overwrote 0, kept 0 \(revision \d+\)\.$/) as string],
      [''],
    ]);
    expect(await stored()).toEqual({
      moog_rate_limit: '250',
      cache_reload_interval: '300',
      debug_mode: 'true',
      flush_every: '2m',
      shed_mode: 'dlq',
      banner: 'a|b',
      smtp_password: 'hunter2hunter2',
    });
  });

  it('shows the plan with --dry-run, and writes nothing', async () => {
    await init(['--set', 'moog_rate_limit=42']);
    const { stdout, stderr, exitCode } = await init(['--settings', MODULE, '--dry-run'], { MOOG_RATE_LIMIT: '250' });
    expect(exitCode).toBe(0);
    expect(cells(stdout)).toContainEqual(['moog_rate_limit', 'keep', '42', '-']);
    expect(cells(stdout)).toContainEqual(['smtp_password', 'missing', '-', '-']);
    expect(stdout).toContain('Would set 5, overwrite 0, keep 1. Nothing was written.\n');
    expect(stderr).toBe('smtp_password has no value: set SMTP_PASSWORD, or give it a default.\n');
    expect(await stored()).toEqual({ moog_rate_limit: '42' });
  });

  it('may run again: it keeps what is set, unless --force is given', async () => {
    const args = ['--set', 'a=1', '--set', 'b=x=y'];
    expect((await init(args)).stdout).toContain('Set 2, overwrote 0, kept 0');
    expect((await init(['--set', 'a=2', '--set', 'b=x=y'])).stdout).toContain('Nothing to set: kept 2.\n');
    expect(await stored()).toEqual({ a: '1', b: 'x=y' });
    const forced = await init(['--set', 'a=2', '--set', 'b=x=y', '--force']);
    expect(cells(forced.stdout).slice(1, 3)).toEqual([
      ['a', 'overwrite', '1 → 2', '--set'],
      ['b', 'keep', 'x=y', '-'],
    ]);
    expect(await stored()).toEqual({ a: '2', b: 'x=y' });
  });

  it('takes a mapping file, with types and variables', async () => {
    const path = await file('cache_reload_interval: { env: RELOAD, default: 5m, type: duration, min: 1s }\nother: 7\n');
    const { stdout } = await init(['--file', path, '--set', 'other=8', '--json'], { RELOAD: '600s' });
    expect(JSON.parse(stdout)).toEqual({
      dry_run: false,
      revision: expect.any(Number) as number,
      keys: [
        {
          key: 'cache_reload_interval',
          action: 'set',
          from: 'environment',
          variable: 'RELOAD',
          value: '10m',
          current: null,
          problem: null,
        },
        expect.objectContaining({ key: 'other', from: 'given', value: '8' }),
      ],
    });
    expect(await stored()).toEqual({ cache_reload_interval: '10m', other: '8' });
  });

  it('writes nothing when a value is refused, and names the variable, the key and the rule', async () => {
    const env = { MOOG_RATE_LIMIT: '20000', SMTP_PASSWORD: 'hunter2' };
    const message =
      'MOOG_RATE_LIMIT cannot be used: The value of moog_rate_limit must be at most 10000. ' +
      'SMTP_PASSWORD cannot be used: The value of smtp_password must have at least 8 characters.';
    expect(await init(['--settings', MODULE], env)).toEqual({
      stdout: '',
      stderr: `Error: ${message} Nothing was written.\n`,
      exitCode: 5,
    });
    const planned = await init(['--settings', MODULE, '--dry-run'], env);
    expect(planned).toMatchObject({ exitCode: 5, stderr: `Error: ${message}\n` });
    expect(cells(planned.stdout)).toContainEqual(['moog_rate_limit', 'invalid', '-', 'MOOG_RATE_LIMIT']);
    expect(await stored()).toEqual({});
  });

  it('verifies that every key is set and valid', async () => {
    const path = await file('a: { type: integer, default: 1 }\nb: { type: integer, max: 5 }\n');
    const nothing = await init(['--file', path, '--verify']);
    expect(nothing).toMatchObject({ exitCode: 3, stderr: 'Error: a is not set. b is not set.\n' });
    expect(cells(nothing.stdout)).toContainEqual(['a', 'missing', '-']);
    await init(['--set', 'a=1', '--set', 'b=7']);
    const invalid = await init(['--file', path, '--verify', '--json']);
    expect(invalid.exitCode).toBe(5);
    expect(JSON.parse(invalid.stdout)).toEqual({
      verified: false,
      keys: [
        { key: 'a', state: 'ok', value: '1', problem: null },
        { key: 'b', state: 'invalid', value: '7', problem: 'The value of b must be at most 5.' },
      ],
    });
    await init(['--set', 'b=5', '--force']);
    expect(await init(['--file', path, '--verify'])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('is held to what services declare, and masks what they say is secret', async () => {
    const config = await connect();
    const settings = { limit: describeSetting(integer({ max: 5 })), token: describeSetting(secret()) };
    await config.register({ service: 'forwarder', version: '1.0', settings });
    await until('it is declared', async () => (await config.registrations()).registrations.length > 0);
    await config.close();
    const refused = await init(['--set', 'limit=9', '--set', 'token=hunter2']);
    expect(refused).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('must be at most 5 (declared by forwarder 1.0)') as string,
    });
    expect(await stored()).toEqual({});
    const { stdout } = await init(['--set', 'limit=5', '--set', 'token=hunter2']);
    expect(cells(stdout)).toContainEqual(['token', 'set', '••••••', '--set']);
  });
});

describe('config init', () => {
  it('runs on several machines at once, and the values are those of one of them', async () => {
    const machines = ['1', '2', '3', '4'].map((value) =>
      runMuttctl([
        'config',
        'init',
        '--url',
        redis.url,
        '--prefix',
        'racing',
        '--set',
        `x=${value}`,
        '--set',
        `y=${value}`,
      ]),
    );
    const outcomes = await Promise.all(machines);
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(outcomes.filter(({ stdout }) => stdout.includes('Set 2'))).toHaveLength(1);
    expect(await redis.cli('GET', 'racing:x')).toBe(await redis.cli('GET', 'racing:y'));
  });

  it.each([
    ['nothing to set up', [], 'Say what to set up'],
    ['a pair that is none', ['--set', 'a'], '--set takes key=value, not "a".'],
    ['a key twice', ['--set', 'a=1', '--set', 'a=2'], '--set names a twice.'],
    ['a module that is not there', ['--settings', 'nowhere.mjs'], 'nowhere.mjs cannot be loaded'],
    ['a file that is not there', ['--file', 'nowhere.json'], 'nowhere.json cannot be read: ENOENT'],
    [
      'verify and force',
      ['--set', 'a=1', '--verify', '--force'],
      "Option '--verify' cannot be used with option '--force'",
    ],
  ])('ends with 2 for %s', async (_, args, message) => {
    const { stdout, stderr, exitCode } = await runMuttctl(['config', 'init', '--url', redis.url, ...args]);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toContain(message);
  });

  it('refuses a type for what the module declares', async () => {
    const path = await file('moog_rate_limit: { type: integer }');
    const args = ['config', 'init', '--url', redis.url, '--settings', MODULE, '--file', path];
    expect(await runMuttctl(args)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('moog_rate_limit has a type, and test/settings.mjs declares it, too.') as string,
    });
  });

  it('does not outlast its work where a module keeps a timer', async () => {
    const path = join(folder, 'busy.mjs');
    await writeFile(path, 'setInterval(() => {}, 1_000);\nexport default {};\n');
    const args = ['config', 'init', '--url', redis.url, '--settings', path, '--set', 'busy=1'];
    expect(await runMuttctl(args)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Set 1') as string });
  });
});
