import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runMuttctl, type Outcome } from '../../../test/run-muttctl.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'muttctl-home-'));
  await muttctl(['context', 'add', 'staging', 'redis://:hunter2@staging:6379/1', '--prefix', 'tenant']);
});
afterEach(() => rm(home, { recursive: true }));

const muttctl = (args: string[], env: Record<string, string> = {}): Promise<Outcome> =>
  runMuttctl(args, { env: { MUTTCTL_HOME: home, ...env } });
const place = async (args: string[] = [], env: Record<string, string> = {}): Promise<unknown> => {
  const { stdout, stderr } = await muttctl(['context', 'show', '--json', ...args], env);
  return stdout === '' ? stderr : [JSON.parse(stdout)].map(({ location, named_by: by }) => `${location} by ${by}`)[0];
};

describe('context', () => {
  it('use chooses where commands go; list marks it, without its password', async () => {
    expect((await muttctl(['context', 'use', 'staging'])).stdout).toBe('Context staging is in use.\n');
    expect(await place()).toBe('redis://***@staging:6379/1 by context staging');
    const { stdout } = await muttctl(['context', 'list']);
    expect(stdout).toMatch(/^\* {2}staging {2}redis:\/\/\*\*\*@staging:6379\/1 {2,}- +tenant$/m);
  });

  it.each([
    ['--url before all', ['--url', 'http://a'], { MUTT_CONFIG_URL: 'http://b' }, 'http://a by --url'],
    [
      '--context',
      ['--context', 'staging'],
      { MUTT_CONFIG_URL: 'http://b' },
      'redis://***@staging:6379/1 by context staging',
    ],
    ['MUTT_CONFIG_URL', [], { MUTT_CONFIG_URL: 'http://b', MUTT_CONTEXT: 'staging' }, 'http://b by MUTT_CONFIG_URL'],
    [
      'MUTT_CONTEXT',
      [],
      { MUTT_CONTEXT: 'staging', REDIS_URL: 'redis://c' },
      'redis://***@staging:6379/1 by context staging',
    ],
    ['REDIS_URL', [], { REDIS_URL: 'redis://c' }, 'redis://c by REDIS_URL'],
    ['the server here, at last', [], { PORT: '1234' }, 'http://127.0.0.1:1234 by default'],
    [
      'either option, not both',
      ['--url', 'http://a', '--context', 'staging'],
      {},
      expect.stringContaining('Give either'),
    ],
  ])('names the place in this order: %s', async (_, args, env, expected) => {
    expect(await place(args, env as Record<string, string>)).toEqual(expected);
  });

  it('use says when a variable goes before it', async () => {
    const { stderr, exitCode } = await muttctl(['context', 'use', 'staging'], { REDIS_URL: 'redis://c' });
    expect([exitCode, stderr]).toEqual([0, 'REDIS_URL is set, and goes before it.\n']);
  });

  it('rename keeps it in use, and delete leaves none', async () => {
    await muttctl(['context', 'use', 'staging']);
    await muttctl(['context', 'rename', 'staging', 'test']);
    expect(await place()).toContain('by context test');
    expect((await muttctl(['context', 'delete', 'test'])).exitCode).toBe(0);
    expect(await place()).toContain('by default');
    expect((await muttctl(['context', 'list'])).stderr).toBe('There are none yet: muttctl login makes one.\n');
  });

  it.each([
    ['use of one that is not there', ['use', 'prod'], 'There is no context prod. There are: staging.'],
    ['add of one that is there', ['add', 'staging', 'redis://x'], 'There is a context staging already.'],
    ['a URL that leads nowhere', ['add', 'x', 'ftp://x'], 'must be a URL that starts with'],
    ['a prefix for a server', ['add', 'x', 'http://x', '--prefix', 'p'], '--prefix is for redis:// URLs'],
    ['a name that is a path', ['add', '../../x', 'http://x'], 'The name of a context is'],
  ])('refuses %s', async (_, args, message) => {
    const { stdout, stderr, exitCode } = await muttctl(['context', ...args]);
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toContain(message);
  });

  it.each(['/proc/nobody', '/dev/null'])('says in one sentence that nothing can be kept in %s', async (folder) => {
    const { stdout, stderr, exitCode } = await muttctl(['context', 'add', 'x', 'http://x'], { MUTTCTL_HOME: folder });
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toMatch(/^Error: \S+ cannot be (read|written): [^\n]*\n$/);
  });

  it('names are completed', async () => {
    const { stdout } = await muttctl(['complete', '--', 'context', 'use', '']);
    expect(stdout).toContain('staging');
  });
});
