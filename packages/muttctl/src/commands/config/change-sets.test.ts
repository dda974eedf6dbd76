import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInTerminal, type TerminalOutcome, type Typing } from '../../../test/in-terminal.ts';
import { runMuttctl, type Outcome } from '../../../test/run-muttctl.ts';
import { TARGETS, valuesIn, type TestTarget } from '../../../test/targets.ts';

describe.each(TARGETS)('change sets from the command line, on a $name', ({ start }) => {
  let target: TestTarget;
  let test = 0;

  beforeAll(async () => {
    target = await start();
  });
  afterAll(() => target.stop());

  const config = (...args: string[]): Promise<Outcome> => runMuttctl(['config', ...args], { env: target.env });
  const terminal = (typing: Typing, ...args: string[]): Promise<TerminalOutcome> =>
    runInTerminal(['config', ...args], typing, { env: target.env });

  /** A prefix of a test's own. */
  const own = (): string => `t${++test}`;

  async function valuesOf(pattern: string): Promise<Record<string, string>> {
    const [start = ''] = pattern.split('*');
    return Object.fromEntries(Object.entries(await valuesIn(target)).filter(([key]) => key.startsWith(start)));
  }

  it('are set as one, whatever their values hold', async () => {
    const t = own();
    const { stdout, stderr, exitCode } = await config('set', `${t}.a=1`, `${t}.b=x=y`, `${t}.c=`, '--reason', 'why');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(
      new RegExp(
        `^${t}.a: \\(not set\\) → 1\n${t}.b: \\(not set\\) → x=y\n${t}.c: \\(not set\\) → ""\n3 keys changed \\(revision \\d+\\).\n$`,
      ),
    );
    expect(await valuesOf(`${t}.*`)).toEqual({ [`${t}.a`]: '1', [`${t}.b`]: 'x=y', [`${t}.c`]: '' });
  });

  it('are told as JSON, and deleted as one', async () => {
    const t = own();
    const set = JSON.parse((await config('set', `${t}.a=1`, `${t}.b=2`, '--json', '--reason', 'why')).stdout) as object;
    expect(set).toMatchObject({
      dry_run: false,
      reason: 'why',
      changes: [
        { key: `${t}.a`, action: 'create', value: '1', previous_value: null },
        { key: `${t}.b`, action: 'create', value: '2', previous_value: null },
      ],
    });
    const deleted = await config('delete', `${t}.a`, `${t}.b`, '--json');
    expect(JSON.parse(deleted.stdout)).toMatchObject({
      changes: [{ action: 'delete', value: null, previous_value: '1' }, { action: 'delete' }],
    });
    expect(await valuesOf(`${t}.*`)).toEqual({});
  });

  it('are all or nothing where one key is missing, and name the one that was meant', async () => {
    const t = own();
    await config('set', `${t}.moog_rate_limit=1`, `${t}.b=2`);
    const { stdout, stderr, exitCode } = await config('delete', `${t}.b`, `${t}.mog_rate_limit`);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 3 });
    expect(stderr).toContain(`Config key not found: ${t}.mog_rate_limit. Did you mean ${t}.moog_rate_limit?`);
    expect(Object.keys(await valuesOf(`${t}.*`))).toHaveLength(2);
    expect((await config('get', `${t}.moog_rate_limt`)).stderr).toContain(`Did you mean ${t}.moog_rate_limit?`);
  });

  it('are shown by --dry-run, and not written', async () => {
    const t = own();
    await config('set', `${t}.a=1`, `${t}.banner=one\ntwo\nthree`);
    const { stdout, exitCode } = await config('set', `${t}.a=2`, `${t}.banner=one\n2\nthree`, `${t}.c=3`, '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `~ ${t}.a: 1 → 2`,
      `~ ${t}.banner:`,
      '      one',
      '    - two',
      '    + 2',
      '      three',
      `+ ${t}.c: 3`,
      '1 to set, 2 to change. Nothing was written.',
      '',
    ]);
    expect((await config('delete', `${t}.a`, '--dry-run', '--json')).stdout).toContain('"dry_run":true');
    expect(await valuesOf(`${t}.*`)).toEqual({ [`${t}.a`]: '1', [`${t}.banner`]: 'one\ntwo\nthree' });
  });

  it('are written only where the namespace is still at the revision that --if-revision names', async () => {
    const t = own();
    const { revision } = JSON.parse((await config('set', `${t}.a=1`, `${t}.b=1`, '--json')).stdout) as {
      revision: number;
    };
    await config('set', `${t}.other`, '1');
    const late = await config('set', `${t}.a=2`, `${t}.b=2`, '--if-revision', String(revision), '--json');
    expect(late).toMatchObject({ stdout: '', exitCode: 5 });
    expect(JSON.parse(late.stderr)).toMatchObject({ code: 'revision_conflict' });
    expect(await config('set', `${t}.a=2`, `${t}.b=2`, '--if-revision', String(revision + 1))).toMatchObject({
      exitCode: 0,
    });
  });

  it.each<[string, string[], string]>([
    ['a word that is no pair', ['a=1', 'b'], 'Not a <key>=<value>: "b"'],
    ['a value of several words', ['a', 'two', 'words'], 'Too many arguments'],
    ['--stdin for several', ['a=1', '--stdin'], '--stdin is for one key'],
  ])('are refused for %s', async (_, args, message) => {
    const { stdout, stderr, exitCode } = await config('set', ...args);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toContain(message);
  });

  it('say nothing with --quiet', async () => {
    const t = own();
    expect(await config('set', `${t}.a=1`, `${t}.b=1`, '--quiet')).toEqual({ stdout: '', stderr: '', exitCode: 0 });
    expect((await config('get', `${t}.a`, '-q')).stdout).toBe('1\n');
  });

  it('are coloured with FORCE_COLOR, and not with NO_COLOR, nor in a pipe of CI', async () => {
    const t = own();
    const dry = async (env: Record<string, string>): Promise<string> =>
      (await runMuttctl(['config', 'set', `${t}.a=1`, '--dry-run'], { env: { ...target.env, ...env } })).stdout;
    expect(await dry({ FORCE_COLOR: '1' })).toContain('\u001b[32m+');
    expect(await dry({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain('\u001b');
    expect(await dry({ CI: 'true' })).not.toContain('\u001b');
  });

  describe('on a terminal', () => {
    it('ask before they delete, and write nothing for a no', async () => {
      const t = own();
      await config('set', `${t}.a=1`);
      const { screen, exitCode } = await terminal([['Go ahead?', 'n']], 'delete', `${t}.a`);
      expect(exitCode).toBe(8);
      expect(screen).toContain(`- ${t}.a: 1`);
      expect(screen).toContain('Cancelled: nothing was written.');
      expect(Object.keys(await valuesOf(`${t}.*`))).toEqual([`${t}.a`]);
    });

    it('go ahead for a yes, and do not ask with --yes', async () => {
      const t = own();
      await config('set', `${t}.a=1`, `${t}.b=1`);
      expect(await terminal([['Go ahead?', 'y']], 'delete', `${t}.a`)).toMatchObject({ exitCode: 0 });
      const unasked = await terminal([], 'delete', `${t}.b`, '--yes');
      expect(unasked.exitCode).toBe(0);
      expect(unasked.screen).not.toContain('Go ahead?');
      expect(await valuesOf(`${t}.*`)).toEqual({});
    });

    it('ask before more than 10 keys are set, and not before 10', async () => {
      const t = own();
      const pairs = Array.from({ length: 11 }, (_, n) => `${t}.k${n}=1`);
      expect((await terminal([], 'set', ...pairs.slice(1))).exitCode).toBe(0);
      const wide = await terminal([['Go ahead?', 'n']], 'set', ...pairs.map((pair) => `${pair}0`));
      expect(wide.screen).toContain('1 to set, 10 to change. Go ahead?');
      expect(wide.exitCode).toBe(8);
    });
  });
});
