import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../../test/support/free-port.ts';
import { startRedis, type RedisServer } from '../../../../test/support/redis-server.ts';
import { bundledMuttctl, runMuttctl } from '../../test/run-muttctl.ts';

describe('completion', () => {
  let redis: RedisServer;
  let env: Record<string, string>;

  beforeAll(async () => {
    redis = await startRedis();
    env = { MUTT_CONFIG_URL: redis.url };
    await redis.cli(
      'MSET',
      'mutt:config:moog_rate_limit',
      '1',
      'mutt:config:moog_batch',
      '2',
      'mutt:config:other',
      '3',
    );
  });
  afterAll(() => redis.stop());

  /** What is offered after a line; its last word is not finished. */
  async function offered(words: readonly string[], more: Record<string, string> = {}): Promise<string[]> {
    const { stdout, stderr, exitCode } = await runMuttctl(['complete', '--', ...words], { env: { ...env, ...more } });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    return stdout
      .trimEnd()
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t')[0] ?? '');
  }

  it.each<[readonly string[], readonly string[]]>([
    [['con'], ['config', 'context']],
    [
      ['config', 'e'],
      ['export', 'edit'],
    ],
    [
      ['config', 'get', 'moog'],
      ['moog_batch', 'moog_rate_limit'],
    ],
    [
      ['config', 'get', ''],
      ['moog_batch', 'moog_rate_limit', 'other'],
    ],
    [['config', 'delete', 'other', 'moog_b'], ['moog_batch']],
    [['config', 'wait', 'o'], ['other=']],
    [['config', 'set', '--dry'], ['--dry-run']],
    [
      ['config', 'export', '--format', ''],
      ['yaml', 'json', 'dotenv'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('of %j offers %j', async (words, expected) => {
    expect(await offered(words)).toEqual(expected);
  });

  it('takes the place that the line names, and offers no keys where there are none to read', async () => {
    const nowhere = `redis://127.0.0.1:${await freePort()}`;
    expect(await offered(['config', 'get', '--url', nowhere, 'm'])).toEqual([]);
    expect(await offered(['config', 'get', '--url', redis.url, 'o'], { MUTT_CONFIG_URL: nowhere })).toEqual(['other']);
  });

  it.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { stdout, stderr, exitCode } = await runMuttctl(['completion', shell]);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toContain('muttctl complete --');
    if (spawnSync(shell, ['--version']).error !== undefined) return;
    expect(spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('refuses another shell', async () => {
    expect(await runMuttctl(['completion', 'csh'])).toMatchObject({ stdout: '', exitCode: 2 });
  });

  it('works in a bash', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'muttctl-completion-'));
    try {
      await writeFile(
        join(folder, 'muttctl'),
        `#!/bin/sh\nexec '${process.execPath}' '${await bundledMuttctl()}' "$@"\n`,
      );
      await chmod(join(folder, 'muttctl'), 0o755);
      const { stdout: script } = await runMuttctl(['completion', 'bash']);
      // What the package bash-completion brings, for a line without special characters.
      const words = `_get_comp_words_by_ref() { words=(muttctl config get moog_r); cword=3; cur=moog_r; prev=get; }
compopt() { :; }`;
      const line = `${words}\n${script}\n__muttctl_complete\necho "\${COMPREPLY[0]}"`;
      await writeFile(join(folder, 'line.sh'), line);
      const { stdout } = await promisify(execFile)('bash', [join(folder, 'line.sh')], {
        env: { ...env, PATH: `${folder}:${process.env['PATH']}` },
      });
      expect(stdout.trim()).toBe('moog_rate_limit');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
