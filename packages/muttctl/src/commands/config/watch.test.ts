import { hostname, userInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { startRedis, type RedisServer } from '../../../../../test/support/redis-server.ts';
import { runMuttctl, startMuttctl, type RunningMuttctl } from '../../../test/run-muttctl.ts';

const author = `${userInfo().username}@${hostname()}`;

describe('config watch', () => {
  let redis: RedisServer;
  let watching: RunningMuttctl | undefined;

  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    watching?.process.kill('SIGKILL');
    await watching?.ended;
    await redis.stop();
  });

  async function watch(...args: string[]): Promise<RunningMuttctl> {
    const started = await startMuttctl(['config', 'watch', ...args], { env: { REDIS_URL: redis.url } });
    watching = started;
    await until('watch says that it watches', () => started.stderr().includes('Watching'));
    return started;
  }

  async function set(key: string, value: string, ...options: string[]): Promise<void> {
    const { stderr, exitCode } = await runMuttctl(['config', 'set', key, value, '--url', redis.url, ...options]);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  }

  function lines({ stdout }: RunningMuttctl): string[] {
    return stdout().split('\n').slice(0, -1);
  }

  it('prints each change as it happens, whoever makes it', async () => {
    await redis.cli('SET', 'mutt:config:rate', '100');
    const started = await watch();
    await set('rate', '200', '--reason', 'incident 4711');
    await until('the set is printed', () => lines(started).length === 1);
    await redis.cli('SET', 'mutt:config:rate', '300');
    await until('the direct write is printed', () => lines(started).length === 2);
    await redis.cli('DEL', 'mutt:config:rate');
    await until('the deletion is printed', () => lines(started).length === 3);
    expect(lines(started).map((line) => line.replace(/^\S+ {2}/, ''))).toEqual([
      expect.stringMatching(/^rate: 100 → 200 {2}\(revision \d+ by .*: incident 4711\)$/),
      'rate: 200 → 300  (written directly to the store)',
      'rate: 300 → (deleted)  (written directly to the store)',
    ]);
  });

  it('prints JSON lines with --json', async () => {
    const started = await watch('--json');
    await set('rate', '200');
    await until('the change is printed', () => lines(started).length === 1);
    expect(JSON.parse(lines(started)[0] ?? '')).toEqual({
      key: 'rate',
      value: '200',
      previous_value: null,
      revision: 1,
      changed_at: expect.any(String) as string,
      changed_by: author,
      reason: null,
      source: 'commit',
    });
    expect(JSON.parse(started.stderr().split('\n')[0] ?? '')).toMatchObject({ state: 'live' });
  });

  it('prints only what the pattern names', async () => {
    const started = await watch('moog_*');
    await redis.cli('MSET', 'mutt:config:other', '1', 'mutt:config:moog_rate', '2');
    await until('the matching change is printed', () => lines(started).length > 0);
    expect(lines(started)).toEqual([expect.stringContaining('moog_rate: (not set) → 2')]);
  });

  it('never lets a value or a reason drive the terminal', async () => {
    const started = await watch();
    await redis.cli('SET', 'mutt:config:evil', '\u001b]0;owned\u0007\n\u202e');
    await set('rate', '1', '--reason', '\u001b[2Jinnocent');
    await until('both are printed', () => lines(started).length === 2);
    expect(started.stdout()).toContain('\\u{1b}]0;owned\\u{7}\\n\\u{202e}');
    expect(started.stdout()).toContain('\\u{1b}[2Jinnocent');
    expect(started.stdout()).toMatch(/^[\n\P{C}]*$/u);
  });

  it('says when the connection is lost and when it is live again, and then goes on', async () => {
    const started = await watch();
    redis.process.kill('SIGKILL');
    await until('the loss is announced', () => started.stderr().includes('Connection lost'));
    await redis.restart();
    await until('the return is announced', () => started.stderr().includes('Live again'));
    await redis.cli('SET', 'mutt:config:after', '1');
    await until('a change is printed again', () => started.stdout().includes('after: (not set) → 1'));
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with 0 and without a word on %s', async (signal) => {
    const started = await watch();
    started.process.kill(signal);
    const { stdout, stderr, exitCode } = await started.ended;
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
    expect(stderr).toBe(`Watching ${redis.url}; Ctrl-C ends it.\n`);
  });

  it('ends quietly when nobody reads it any more', async () => {
    const started = await watch();
    started.process.stdout.destroy();
    await redis.cli('SET', 'mutt:config:k', '1');
    const { stderr, exitCode } = await started.ended;
    expect({ stderr, exitCode }).toEqual({ stderr: `Watching ${redis.url}; Ctrl-C ends it.\n`, exitCode: 0 });
  });

  it('ends with 4 when nothing answers at the start', async () => {
    await redis.stop();
    const outcome = await runMuttctl(['config', 'watch', '--json'], { env: { REDIS_URL: redis.url } });
    expect(outcome).toMatchObject({ stdout: '', exitCode: 4 });
    expect(JSON.parse(outcome.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({ code: 'store_unavailable' });
  });
});
