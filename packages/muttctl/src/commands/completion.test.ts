import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
      'mutt:config:db:host',
      '4',
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
      ['db:host', 'moog_batch', 'moog_rate_limit', 'other'],
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
    const folder = await mkdtemp(join(tmpdir(), 'muttctl-completion-'));
    // A file: a fish reads no program from a socket, which is what stdin would be.
    await writeFile(join(folder, 'script'), stdout);
    const checked = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
    await rm(folder, { recursive: true, force: true });
    expect(checked).toMatchObject({ status: 0, stderr: '' });
  });

  it('has a zsh take the colons of a key for what they are', async () => {
    const { stdout } = await runMuttctl(['completion', 'zsh']);
    expect(stdout).toContain('comp=${comp//:/\\\\:}');
  });

  it('refuses another shell', async () => {
    expect(await runMuttctl(['completion', 'csh'])).toMatchObject({ stdout: '', exitCode: 2 });
  });

  /** What a bash completes, after the words as it cuts them; the last of them is not finished. */
  async function completedByBash(line: string, words: readonly string[]): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'muttctl-completion-'));
    try {
      const program = `#!/bin/sh\nexec '${process.execPath}' '${await bundledMuttctl()}' "$@"\n`;
      await writeFile(join(folder, 'muttctl'), program, { mode: 0o755 });
      const { stdout: script } = await runMuttctl(['completion', 'bash']);
      const quoted = ['muttctl', ...words].map((word) => `'${word}'`).join(' ');
      const typed = `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_CWORD=${words.length} COMP_WORDS=(${quoted})`;
      // Read twice: as whoever reads their ~/.bashrc again does.
      await writeFile(
        join(folder, 'line.sh'),
        `${script}\n${script}\n${typed}\n_muttctl\nprintf '%s\\n' "\${COMPREPLY[@]}"`,
      );
      const { stdout, stderr } = await promisify(execFile)('bash', [join(folder, 'line.sh')], {
        env: { ...env, PATH: `${folder}:${process.env['PATH']}` },
      });
      expect(stderr).toBe('');
      return stdout.trimEnd().split('\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  it.each<[string, readonly string[], readonly string[]]>([
    ['muttctl config get moog_r', ['config', 'get', 'moog_r'], ['moog_rate_limit']],
    ['muttctl config get db:', ['config', 'get', 'db', ':'], ['host']],
    ['muttctl config get db:h', ['config', 'get', 'db', ':', 'h'], ['host']],
    ['muttctl config set a=1 oth', ['config', 'set', 'a', '=', '1', 'oth'], ['other=']],
    ['muttctl config set a= oth', ['config', 'set', 'a', '=', 'oth'], ['other=']],
    [
      'muttctl config set a= ',
      ['config', 'set', 'a', '=', ''],
      ['db:host=', 'moog_batch=', 'moog_rate_limit=', 'other='],
    ],
    ['muttctl config export --format=y', ['config', 'export', '--format', '=', 'y'], ['yaml']],
    ['muttctl completion ', ['completion', ''], ['bash', 'zsh', 'fish']],
  ])('in a bash, %j is completed', async (line, words, expected) => {
    expect(await completedByBash(line, words)).toEqual(expected);
  });
});
