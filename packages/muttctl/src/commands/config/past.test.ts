import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../../../../../test/support/redis-server.ts';
import { runInTerminal, type TerminalOutcome } from '../../../test/in-terminal.ts';
import { runMuttctl, type Outcome } from '../../../test/run-muttctl.ts';
import { committedIn, TARGETS, type TestTarget } from '../../../test/targets.ts';

describe.each(TARGETS)('the past, on a $name', ({ start }) => {
  let target: TestTarget;
  let test = 0;

  beforeAll(async () => {
    target = await start();
  });
  afterAll(() => target.stop());

  const config = (...args: string[]): Promise<Outcome> => runMuttctl(['config', ...args], { env: target.env });
  const own = (): string => `t${++test}`;

  /** Each returns the revision. */
  const because = (reason: string | null, ...pairs: string[]): Promise<number> => committedIn(target, pairs, reason);
  const commit = (...pairs: string[]): Promise<number> => because(null, ...pairs);

  it('of a key reads like git log, the newest first', async () => {
    const t = own();
    const first = await because('the start', `${t}.a=1`);
    await commit(`${t}.other=1`);
    const last = await because('more', `${t}.a=2`);
    const { stdout, stderr, exitCode } = await config('history', `${t}.a`);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const [newest = '', oldest = '', ...rest] = stdout.trimEnd().split(/\n\n(?=revision)/);
    expect(rest).toEqual([]);
    expect(newest).toMatch(
      new RegExp(`^revision ${last}\nAuthor: \\S+\nDate:   \\d{4}-\\S+Z\n\n    more\n\n    1 → 2$`),
    );
    expect(oldest).toMatch(new RegExp(`^revision ${first}\n.*\n.*\n\n    the start\n\n    \\(not set\\) → 1$`));
  });

  it('of a key is JSON when asked for, as much as asked for', async () => {
    const t = own();
    const first = await commit(`${t}.a=1`);
    const last = await because('more', `${t}.a=2`);
    const all = JSON.parse((await config('history', `${t}.a`, '--json')).stdout) as object;
    expect(all).toEqual({
      key: `${t}.a`,
      complete: true,
      changes: [
        {
          key: `${t}.a`,
          value: '2',
          previous_value: '1',
          revision: last,
          changed_at: expect.stringMatching(/Z$/) as string,
          changed_by: expect.any(String) as string,
          reason: 'more',
          source: 'commit',
        },
        expect.objectContaining({ value: '1', previous_value: null, revision: first }),
      ],
    });
    const one = JSON.parse((await config('history', `${t}.a`, '-n', '1', '--json')).stdout) as object;
    expect(one).toMatchObject({ complete: false, changes: [{ revision: last }] });
  });

  it('of a key that never was is not found', async () => {
    expect(await config('history', 'never.was')).toMatchObject({ stdout: '', exitCode: 3 });
  });

  it('is told apart from now, and from another moment', async () => {
    const t = own();
    const start = await commit(`${t}.a=1`, `${t}.b=1`);
    await commit(`${t}.a=2`, `${t}.c=1`);
    await config('delete', `${t}.b`);
    const { stdout, exitCode } = await config('diff', String(start));
    expect([exitCode, stdout]).toEqual([0, `~ ${t}.a: 1 → 2\n- ${t}.b: 1\n+ ${t}.c: 1\n`]);
    const one = await config('diff', String(start), String(start + 1), '--json');
    expect(JSON.parse(one.stdout)).toMatchObject({
      from: { revision: start },
      to: { revision: start + 1 },
      changes: [
        { key: `${t}.a`, action: 'update', value: '2', previous_value: '1' },
        { key: `${t}.c`, action: 'create', value: '1', previous_value: null },
      ],
    });
    expect((await config('diff', String(start + 1), String(start))).stdout).toBe(`~ ${t}.a: 2 → 1\n- ${t}.c: 1\n`);
    expect((await config('diff', '1d')).stdout).toContain(`+ ${t}.a: 2\n`);
    const same = await config('diff', String(start), String(start));
    expect(same).toMatchObject({ stdout: '', exitCode: 0 });
    expect(same.stderr).toContain('Nothing differs');
  });

  it.each([
    ['soon', 2, 'Not a moment: "soon"'],
    ['99999', 3, '99999'],
    ['other:1', 3, ''],
  ])('at %s is refused', async (moment, code, message) => {
    const { stdout, stderr, exitCode } = await config('diff', moment);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: code });
    expect(stderr).toContain(message);
  });

  describe('comes back with rollback', () => {
    it('of the last change of a key, which is a change itself', async () => {
      const t = own();
      await commit(`${t}.a=1`);
      const last = await commit(`${t}.a=2`);
      const { stdout, stderr, exitCode } = await config('rollback', `${t}.a`, '--reason', 'incident 4711');
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect(stdout).toBe(`${t}.a: rolled back to 1 (revision ${last + 1})\n`);
      expect((await config('history', `${t}.a`, '-n', '1')).stdout).toContain(
        `Rolled back revision ${last}: incident 4711`,
      );
    });

    it('of a creation, which deletes, and of a deletion, which brings back', async () => {
      const t = own();
      await commit(`${t}.a=1`);
      expect((await config('rollback', `${t}.a`)).stdout).toContain('deleted again');
      expect(await config('get', `${t}.a`)).toMatchObject({ exitCode: 3 });
      expect((await config('rollback', `${t}.a`)).stdout).toContain('rolled back to 1');
    });

    it('not where somebody changed it since, unless forced', async () => {
      const t = own();
      await commit(`${t}.a=1`);
      const middle = await commit(`${t}.a=2`);
      await commit(`${t}.a=3`);
      const refused = await config('rollback', `${t}.a`, '--revision', String(middle), '--json');
      expect(refused).toMatchObject({ stdout: '', exitCode: 5 });
      const { code, error } = JSON.parse(refused.stderr) as { code: string; error: string };
      expect(code).toBe('rollback_conflict');
      expect(error).toMatch(
        new RegExp(`${t}.a was changed in revision ${middle + 1} by .*\\. Pass --force to do so\\.$`),
      );
      const forced = await config('rollback', `${t}.a`, '--revision', String(middle), '--force', '--json');
      expect(JSON.parse(forced.stdout)).toEqual({ revision: middle + 2, keys: [`${t}.a`] });
      expect((await config('get', `${t}.a`)).stdout).toBe('1\n');
    });

    it('to a revision, whatever happened since', async () => {
      const t = own();
      const first = await commit(`${t}.a=1`);
      await commit(`${t}.a=2`);
      await commit(`${t}.a=3`);
      expect((await config('rollback', `${t}.a`, '--to', String(first))).stdout).toContain('rolled back to 1');
      const again = await config('rollback', `${t}.a`, '--to', String(first));
      expect(again).toMatchObject({ stdout: '', exitCode: 5 });
      expect(again.stderr).toContain('nothing to roll back');
    });

    it('of a whole change set, as one', async () => {
      const t = own();
      await commit(`${t}.a=1`, `${t}.b=1`);
      const set = await commit(`${t}.a=2`, `${t}.b=2`, `${t}.c=1`);
      const { stdout, exitCode } = await config('rollback', '--change-set', String(set));
      expect([exitCode, stdout]).toEqual([0, `Rolled back: ${t}.a, ${t}.b, ${t}.c (revision ${set + 1})\n`]);
      const { stdout: listed } = await config('list', `${t}.*`, '--json');
      expect(JSON.parse(listed)).toMatchObject({ config: { [`${t}.a`]: '1', [`${t}.b`]: '1' }, count: 2 });
    });

    it('not of a whole change set where one of its keys was changed since', async () => {
      const t = own();
      await commit(`${t}.a=1`, `${t}.b=1`);
      const set = await commit(`${t}.a=2`, `${t}.b=2`);
      await commit(`${t}.b=3`);
      const refused = await config('rollback', '--change-set', String(set));
      expect(refused).toMatchObject({ stdout: '', exitCode: 5 });
      expect(refused.stderr).toContain(`${t}.b was changed`);
      expect((await config('get', `${t}.a`)).stdout).toBe('2\n');
    });

    it.each<[string, string[], number, string]>([
      ['of nothing', [], 2, 'Say what to undo'],
      ['of both', ['a', '--change-set', '1'], 2, 'Say what to undo'],
      ['to and of a revision', ['a', '--revision', '1', '--to', '1'], 2, "'--to <n>' cannot be used with"],
      ['of a key that never was', ['never.was'], 3, 'never.was'],
      ['of a revision that never was', ['--change-set', '99999'], 3, '99999'],
    ])('not %s', async (_, args, code, message) => {
      const { stdout, stderr, exitCode } = await config('rollback', ...args);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: code });
      expect(stderr).toContain(message);
    });

    it('only in words, when asked what it would do', async () => {
      const t = own();
      await commit(`${t}.a=1`);
      await commit(`${t}.a=2`);
      const { stdout, stderr, exitCode } = await config('rollback', `${t}.a`, '--dry-run');
      expect({ stdout, stderr, exitCode }).toEqual({
        stdout: `~ ${t}.a: 2 → 1\n1 to change. Nothing was written.\n`,
        stderr: '',
        exitCode: 0,
      });
      expect((await config('get', `${t}.a`)).stdout).toBe('2\n');
    });

    it('not on a terminal before it was asked about, where it deletes', async () => {
      const t = own();
      await commit(`${t}.a=1`);
      const rollback = (answer: string): Promise<TerminalOutcome> =>
        runInTerminal(['config', 'rollback', `${t}.a`], [['Go ahead?', answer]], { env: target.env });
      expect(await rollback('n')).toMatchObject({
        exitCode: 8,
        screen: expect.stringContaining(`- ${t}.a: 1`) as string,
      });
      expect((await config('get', `${t}.a`)).stdout).toBe('1\n');
      expect((await rollback('y')).exitCode).toBe(0);
      expect(await config('get', `${t}.a`)).toMatchObject({ exitCode: 3 });
    });
  });
});

describe('the past of a Redis whose log was trimmed', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
    for (const value of ['1', '2', '3']) await config('set', 'a', value);
    await redis.cli('XTRIM', 'mutt:config@log', 'MAXLEN', '2');
  });
  afterAll(() => redis.stop());

  const config = (...args: string[]): Promise<Outcome> =>
    runMuttctl(['config', ...args], { env: { MUTT_CONFIG_URL: redis.url } });

  it('is told as far as it goes, and that it goes no further', async () => {
    const { stdout, stderr } = await config('history', 'a', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ complete: false, changes: [{ revision: 3 }, { revision: 2 }] });
    expect(stderr).toContain('The log of the store goes back to revision 2');
  });

  it.each([
    ['diff', '0'],
    ['diff', '2h'],
    ['rollback', 'a', '--revision', '1'],
    ['rollback', 'a', '--to', '0'],
    ['rollback', '--change-set', '1'],
  ])('is not guessed: %s %s %s %s', async (...args) => {
    const { stdout, stderr, exitCode } = await config(...args.filter((arg) => arg !== undefined), '--json');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 });
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'history_unavailable',
      error: expect.stringContaining('audit trail of a server') as string,
    });
  });

  it('of what somebody wrote past us is not taken back unasked', async () => {
    await redis.cli('SET', 'mutt:config:a', 'past us');
    const refused = await config('rollback', 'a');
    expect(refused).toMatchObject({ stdout: '', exitCode: 5 });
    expect(refused.stderr).toContain('Pass --force');
    expect(await redis.cli('GET', 'mutt:config:a')).toBe('past us');
  });
});
