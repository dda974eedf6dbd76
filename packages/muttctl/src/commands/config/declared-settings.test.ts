import { rm } from 'node:fs/promises';
import {
  boolean,
  describeSetting,
  duration,
  DynamicConfig,
  integer,
  json,
  list,
  secret,
  text,
  toSettings,
} from '@mutt/dynamic-config';
import type { Setting, StandardSchema } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeDataDir } from '../../../../../test/support/data-dir.ts';
import { startRedis, type RedisServer } from '../../../../../test/support/redis-server.ts';
import { startServer, type RunningServer } from '../../../../server/src/index.ts';
import { runMuttctl, startMuttctl, type Outcome } from '../../../test/run-muttctl.ts';

const API_KEY = 'correct-horse-battery-staple';

const settings = {
  cache_reload_interval: integer({ min: 1, default: 300, unit: 's', description: 'How often rules are read again' }),
  moog_rate_limit: integer({ min: 1, max: 10_000, default: 100 }),
  debug_mode: boolean({ requiresRestart: true }),
  old_timeout: duration({ max: 60_000, deprecated: 'use flush_every' }),
  smtp_password: secret({ minLength: 8 }),
};

/** A validator that says what it takes. */
function validator(schema: Record<string, unknown>): StandardSchema {
  const validate = (value: unknown): { value: unknown } => ({ value });
  return { '~standard': { version: 1, vendor: 'test', validate, jsonSchema: { input: () => schema } } };
}

const smtp = validator({
  type: 'object',
  properties: { host: { type: 'string' }, port: { type: 'integer' } },
  required: ['host', 'port'],
});
const validated = Object.fromEntries(
  toSettings({
    smtp: json(smtp),
    port: validator({ type: 'number' }),
    sources: list(json(smtp)),
    name: text({ pattern: /[a-z]+/ }),
  }),
);

let redis: RedisServer;
let server: RunningServer;
let dataDir: string;

beforeAll(async () => {
  redis = await startRedis();
  dataDir = await makeDataDir('muttctl-declared-');
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    entries: { store: 'redis', url: redis.url },
    apiKey: API_KEY,
    logLevel: 'silent',
  });
});
afterAll(async () => {
  await server.close();
  await redis.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function declare(service: string, version: string, declared: Record<string, Setting<unknown>>): Promise<void> {
  const config = await DynamicConfig.connect(redis.url, { startWatcher: false });
  const described = Object.entries(declared).map(([key, setting]) => [key, describeSetting(setting)] as const);
  await config.register({ service, version, settings: Object.fromEntries(described) });
  await config.close();
}

const inRedis = (key: string): Promise<string> => redis.cli('GET', `mutt:config:${key}`);

describe.each([
  ['a Redis', () => redis.url],
  ['a server', () => server.url],
])('declared settings, over %s', (_, url) => {
  beforeEach(async () => {
    for (const key of [...Object.keys(settings), 'other']) await redis.cli('DEL', `mutt:config:${key}`);
    await redis.cli('DEL', 'mutt:config@settings');
    await declare('forwarder', '2.0', settings);
    // What a server has read of the declarations, and of the values, is at most a moment old.
    await until('the server is as Redis is', async () => {
      const headers = { 'x-api-key': API_KEY };
      const declared = await (await fetch(`${server.url}/api/v1/settings`, { headers })).json();
      const values = await (await fetch(`${server.url}/api/v1/config`, { headers })).json();
      const { count } = declared as { count: number };
      return count === Object.keys(settings).length && (values as { count: number }).count === 0;
    });
  });

  const config = (...args: string[]): Promise<Outcome> =>
    runMuttctl(['config', ...args, '--url', url()], { env: { MUTT_API_KEY: API_KEY } });

  it('are listed with type, default and description, and with their default where nobody has set them', async () => {
    await config('set', 'moog_rate_limit', '200');
    const { stdout, exitCode } = await config('list');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 5))).toEqual([
      ['KEY', 'VALUE', 'TYPE', 'DEFAULT', 'DESCRIPTION'],
      ['cache_reload_interval', '300 (default)', 'integer, at least 1 (s)', '300', 'How often rules are read again'],
      ['debug_mode', '(not set)', 'boolean', '-', '-'],
      ['moog_rate_limit', '200', 'integer, 1 to 10000', '100', '-'],
      ['old_timeout', '(not set)', 'duration, at most 1m', '-', '-'],
      ['smtp_password', '(not set)', 'secret, at least 8 characters', '-', '-'],
      [''],
    ]);
  });

  it('are listed as JSON beside what is set', async () => {
    await config('set', 'moog_rate_limit', '200');
    const listed = JSON.parse((await config('list', '*_*i*', '--json')).stdout) as Record<string, unknown>;
    expect(listed).toMatchObject({ config: { moog_rate_limit: '200' }, count: 1 });
    expect(listed['settings']).toEqual([
      {
        key: 'cache_reload_interval',
        is_set: false,
        type: 'integer',
        rule: { min: 1 },
        json_schema: { type: 'integer', minimum: 1 },
        default: '300',
        description: 'How often rules are read again',
        unit: 's',
        deprecated: null,
        requires_restart: false,
        secret: false,
        declared_by: [{ service: 'forwarder', version: '2.0' }],
        conflict: null,
      },
      expect.objectContaining({ key: 'moog_rate_limit', is_set: true }),
      expect.objectContaining({ key: 'old_timeout', deprecated: 'use flush_every' }),
    ]);
  });

  it('refuse what they refuse: exit code 5, the reason, nothing written', async () => {
    expect(await config('set', 'moog_rate_limit', '20000')).toEqual({
      stdout: '',
      stderr: 'Error: The value of moog_rate_limit must be at most 10000 (declared by forwarder 2.0).\n',
      exitCode: 5,
    });
    const { stderr } = await config('set', 'moog_rate_limit', 'many', '--json');
    expect(JSON.parse(stderr)).toMatchObject({ code: 'value_invalid' });
    expect(await inRedis('moog_rate_limit')).toBe('');
  });

  it.each([
    ['smtp', '{"host":"a"}', "must have required property 'port'"],
    ['smtp', '{"host":', 'must be JSON'],
    ['smtp', '{"host":"a","port":1.5}', 'port: must be integer'],
    ['port', 'x', 'must be number'],
    ['sources', '[{"port":1}]', 'item 1 is not valid'],
    ['name', 'A', 'must match /[a-z]+/'],
  ])('refuse what a validator of their service would: %s=%s', async (key, value, problem) => {
    await declare('mailer', '1.0', validated);
    await until('they are declared', async () => (await config('list', '--json')).stdout.includes('mailer'));
    expect(await config('set', key, value)).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining(problem) as string,
    });
    expect(await inRedis(key)).toBe('');
  });

  it('are stored in the one way that their services write them', async () => {
    expect((await config('set', 'debug_mode', 'Yes')).stdout).toContain('(not set) → true');
    expect(await inRedis('debug_mode')).toBe('true');
    await config('set', 'moog_rate_limit', ' 5 ');
    expect(await inRedis('moog_rate_limit')).toBe('5');
  });

  it('are set all the same with --force, recorded as such, with a notice', async () => {
    const forced = await config('set', 'moog_rate_limit', '20000', '--force', '--reason', 'load test');
    expect(forced).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('moog_rate_limit: (not set) → 20000') as string,
      stderr: 'The value of moog_rate_limit must be at most 10000 (declared by forwarder 2.0).\n',
    });
    expect(await inRedis('moog_rate_limit')).toBe('20000');
    const { stdout } = await config('set', 'moog_rate_limit', '20001', '--force', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ reason: 'Forced' });
    const history = await fetch(`${server.url}/api/v1/changes?limit=500`, { headers: { 'x-api-key': API_KEY } });
    expect(await history.text()).toContain('"reason":"Forced: load test"');
  });

  it('come with notices, which are not the result', async () => {
    const restart = await config('set', 'debug_mode', 'true', '--json');
    expect(JSON.parse(restart.stdout)).toMatchObject({ key: 'debug_mode', reason: null });
    expect(JSON.parse(restart.stderr)).toEqual({
      level: 'warn',
      message: 'debug_mode takes effect after a restart of its services.',
    });
    expect((await config('set', 'old_timeout', '30s')).stderr).toBe('old_timeout is deprecated: use flush_every\n');
    expect((await config('set', 'other', 'x')).stderr).toBe('No service declares the key other.\n');
  });

  it('are masked where they are secret, unless --reveal asks for them', async () => {
    const set = await config('set', 'smtp_password', 'hunter2hunter2');
    expect(set.stdout).toContain('smtp_password: (not set) → ••••••');
    expect(await inRedis('smtp_password')).toBe('hunter2hunter2');
    const shown = [
      await config('set', 'smtp_password', 'hunter2hunter2', '--json'),
      await config('get', 'smtp_password'),
      await config('get', 'smtp_password', '--json'),
      await config('list'),
      await config('list', '--json'),
      await config('set', 'smtp_password', 'hunter2'),
      await config('set', 'smtp_password', 'hunter2', '--force'),
      await config('delete', 'smtp_password'),
    ];
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown[1]).toMatchObject({ stdout: '••••••\n', stderr: 'smtp_password is a secret: --reveal shows it.\n' });
    expect(shown[4]?.stdout).toContain('••••••');
    expect(shown[5]).toMatchObject({ exitCode: 5 });
    await config('set', 'smtp_password', 'hunter2hunter2');
    expect(await config('get', 'smtp_password', '--reveal')).toMatchObject({ stdout: 'hunter2hunter2\n', stderr: '' });
    expect((await config('list', '--reveal')).stdout).toContain('hunter2hunter2');
  });

  it('are masked in watch, also when they are declared while it runs', async () => {
    const env = { MUTT_API_KEY: API_KEY };
    const masked = await startMuttctl(['config', 'watch', '--url', url()], { env });
    const revealed = await startMuttctl(['config', 'watch', '--url', url(), '--reveal', '--json'], { env });
    try {
      for (const one of [masked, revealed]) await until('it watches', () => one.stderr().includes('Watching'));
      await config('set', 'smtp_password', 'hunter2hunter2');
      await until('it is shown', () => masked.stdout().includes('smtp_password: (not set) → ••••••'));
      await until('it is revealed', () => revealed.stdout().includes('hunter2hunter2'));
      await declare('alerter', '1.0', { pager_token: secret() });
      let n = 0;
      await until('it is masked', async () => {
        await config('set', 'pager_token', `letmein${(n += 1)}`);
        return masked.stdout().includes('pager_token: •••••• → ••••••');
      });
    } finally {
      for (const one of [masked, revealed]) one.process.kill('SIGTERM');
      await redis.cli('DEL', 'mutt:config:pager_token');
    }
    expect(await masked.ended).toMatchObject({ exitCode: 0 });
    expect(masked.stdout()).not.toContain('hunter2');
  });

  it('name both sides of a conflict', async () => {
    await declare('forwarder', '1.0', { clash: integer({ min: 2, max: 10 }) });
    await declare('forwarder', '3.0', { clash: text({ maxLength: 1 }), other: integer({ min: 5 }) });
    await declare('alerter', '3.0', { clash: boolean() });
    await until('the conflict is shown', async () => (await config('list', 'clash')).stderr.includes('No value suits'));
    const { stderr } = await config('list', 'clash');
    expect(stderr).toMatch(/^clash: No value suits both alerter 3\.0 \(boolean .*forwarder 1\.0 .*\n$/);
  });
});

describe('declared settings that may not be read', () => {
  const config = (...args: string[]): Promise<Outcome> =>
    runMuttctl(['config', ...args, '--url', redis.url.replace('redis://', 'redis://blind:sesame@')]);

  beforeAll(async () => {
    const readable = [
      '~mutt:config:*',
      ...['head', 'index', 'log', 'requests', 'keeper'].map((name) => `~mutt:config@${name}`),
    ];
    await redis.cli('ACL', 'SETUSER', 'blind', 'on', '>sesame', '+@all', '&*', ...readable);
    await redis.cli('SET', 'mutt:config:other', '1');
  });

  it('may be secret, each of them: all are masked, with a notice, unless --reveal asks for them', async () => {
    const stderr = expect.stringContaining(
      'What the services declare cannot be read, so that each value is masked (--reveal shows it), and none is checked: ',
    ) as string;
    expect(await config('get', 'other')).toEqual({ stdout: '••••••\n', stderr, exitCode: 0 });
    expect(await config('list')).toMatchObject({ stdout: expect.not.stringContaining(' 1') as string, stderr });
    expect(await config('get', 'other', '--reveal')).toMatchObject({ stdout: '1\n', exitCode: 0 });
  });

  it('hold up whoever sets, but for --force', async () => {
    expect(await config('set', 'other', '2')).toMatchObject({ stdout: '', exitCode: 5 });
    expect(await inRedis('other')).toBe('1');
    expect(await config('set', 'other', '2', '--force')).toMatchObject({ exitCode: 0 });
    expect(await inRedis('other')).toBe('2');
  });
});
