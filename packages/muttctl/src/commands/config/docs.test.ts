import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSetting, DynamicConfig, integer } from '@mutt/dynamic-config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../../../../../test/support/redis-server.ts';
import { runMuttctl } from '../../../test/run-muttctl.ts';

const TABLE = `| Key | Type | Default | Description | Unit | Notes |
| --- | --- | --- | --- | --- | --- |
| \`banner\` | \`text, matching /[a-z\\|]*/\` | \`a\\|b\` | Shown in &lt;b>bold&lt;/b> |  |  |
| \`cache_reload_interval\` | integer, at least 1 | \`300\` | How often the rules are read again | s |  |
| \`debug_mode\` | boolean | \`false\` |  |  | takes effect after a restart |
| \`flush_every\` | duration, 1s to 5m | \`30s\` |  |  |  |
| \`moog_rate_limit\` | integer, 1 to 10000 | \`100\` | Most alerts sent to Moog | alerts/s |  |
| \`shed_mode\` | one of dlq, defer | \`dlq\` |  |  | deprecated: use overload_mode \\| nothing |
| \`smtp_password\` | secret, at least 8 characters |  |  |  |  |
`;

describe('config docs', () => {
  let redis: RedisServer;
  let folder: string;
  beforeAll(async () => {
    redis = await startRedis();
    folder = await mkdtemp(join(tmpdir(), 'muttctl-docs-'));
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('prints what a module declares, without a store', async () => {
    expect(await runMuttctl(['config', 'docs', '--settings', 'test/settings.mjs'])).toEqual({
      stdout: TABLE,
      stderr: '',
      exitCode: 0,
    });
  });

  it('writes to a file', async () => {
    const output = join(folder, 'settings.md');
    const written = await runMuttctl(['config', 'docs', '--settings', 'test/settings.mjs', '--output', output]);
    expect(written).toEqual({ stdout: '', stderr: `Written to ${output}: 7 settings.\n`, exitCode: 0 });
    expect(await readFile(output, 'utf8')).toBe(TABLE);
    const nowhere = ['config', 'docs', '--settings', 'test/settings.mjs', '--output', join(folder, 'no', 'where')];
    expect(await runMuttctl(nowhere)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('ENOENT') as string,
    });
  });

  it('prints what the services of a namespace declare, and fails where there is nothing', async () => {
    const docs = ['config', 'docs', '--url', redis.url];
    expect(await runMuttctl(docs)).toEqual({
      stdout: '',
      stderr: 'Error: No service declares any settings. Name a module with --settings.\n',
      exitCode: 3,
    });
    const config = await DynamicConfig.connect(redis.url, { startWatcher: false });
    const rate = describeSetting(integer({ max: 5, default: 1 }));
    await config.register({ service: 'forwarder', version: '1.0', settings: { rate } });
    await config.close();
    const { stdout } = await runMuttctl(docs);
    expect(stdout.split('\n').at(-2)).toBe('| `rate` | integer, at most 5 | `1` |  |  |  |');
    const { settings } = JSON.parse((await runMuttctl([...docs, '--json'])).stdout) as { settings: unknown[] };
    expect(settings).toEqual([expect.objectContaining({ key: 'rate', type: 'integer', default: '1', secret: false })]);
  });

  it.each([
    ['that is not there', 'test/nowhere.mjs', 'The settings module test/nowhere.mjs cannot be loaded:'],
    ['without settings', 'test/run-muttctl.ts', 'test/run-muttctl.ts exports no settings'],
  ])('ends with 2 for a module %s', async (_, path, message) => {
    const { stdout, stderr, exitCode } = await runMuttctl(['config', 'docs', '--settings', path]);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toContain(message);
  });
});
