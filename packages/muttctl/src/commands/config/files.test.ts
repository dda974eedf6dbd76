import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSetting, DynamicConfig, integer, json, secret } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runInTerminal } from '../../../test/in-terminal.ts';
import { runMuttctl, startMuttctl, type Outcome, type RunOptions } from '../../../test/run-muttctl.ts';
import { emptied, TARGETS, valuesIn, type TestTarget } from '../../../test/targets.ts';

const SETTINGS = {
  moog_rate_limit: integer({ min: 1, max: 1000, default: 100, unit: 'alerts/s', description: 'Most alerts\nto Moog' }),
  batch_size: integer({ default: 50 }),
  smtp_password: secret(),
};

describe.each(TARGETS)('files, on a $name', ({ start }) => {
  let target: TestTarget;
  let folder: string;

  beforeAll(async () => {
    target = await start();
    const service = await DynamicConfig.connect(target.env['MUTT_CONFIG_URL'] ?? '', {
      settings: SETTINGS,
      service: { name: 'forwarder', version: '1' },
      ...(target.env['MUTT_API_KEY'] !== undefined && { apiKey: target.env['MUTT_API_KEY'] }),
      startWatcher: true,
    });
    await until('it has declared its settings', async () => (await service.registrations()).registrations.length > 0);
    const limits = { ...describeSetting(json()), jsonSchema: { type: 'object', required: ['max'] } };
    await service.register({ service: 'other', version: '1', settings: { limits } });
    await service.close();
  });
  afterAll(() => target.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muttctl-files-'));
    await emptied(target);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const config = (args: string[], options: RunOptions = {}): Promise<Outcome> =>
    runMuttctl(['config', ...args], { ...options, env: { ...target.env, ...options.env } });

  const values = (): Promise<Record<string, string>> => valuesIn(target);

  async function file(name: string, text: string): Promise<string> {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  }

  describe('export and import', () => {
    const ODD = {
      'a/b:c-d': '1.10',
      __proto__x: '',
      multi: 'x\n  y\n\n',
      nul: 'a\0b',
      'a.true': 'true',
      quote: `'"$\`\\`,
    };

    it.each(['yaml', 'json'])('bring any key and value back, as %s', async (format) => {
      const path = await file('all.json', JSON.stringify(ODD));
      expect(await config(['import', path, '--reason', 'odd'])).toMatchObject({ exitCode: 0 });
      const exported = await config(['export', '--format', format]);
      expect(exported).toMatchObject({ stderr: '', exitCode: 0 });
      await config(['delete', ...Object.keys(ODD)]);
      const imported = await config(['import', '--format', format], { stdin: exported.stdout });
      expect([imported.exitCode, imported.stdout]).toEqual([0, expect.stringMatching(/^Applied: 6 to set \(/)]);
      expect(await values()).toEqual(ODD);
      expect((await config(['import', '--format', format], { stdin: exported.stdout })).stdout).toBe(
        'Nothing to change: 6 keys are as wanted.\n',
      );
    });

    it('say what a dotenv file cannot hold, and export none of it', async () => {
      await config(['import', '--format', 'json'], { stdin: JSON.stringify({ nul: 'a\0b', ok: '1' }) });
      const { stdout, stderr, exitCode } = await config(['export', '--format', 'dotenv']);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 5 });
      expect(stderr).toContain('A dotenv file cannot hold nul: its value holds a NUL.');
      expect((await config(['export', 'ok', '--format', 'dotenv'])).stdout).toBe("ok='1'\n");
    });

    it('leave secrets out unless asked, keep the file to its owner, and take no mask for a value', async () => {
      await config(['set', 'smtp_password=hunter2', 'batch_size=1']);
      const { stdout, stderr } = await config(['export']);
      expect(stdout).toBe('batch_size: "1"\n');
      expect(stderr).toContain('Left out, as secrets: smtp_password.');
      const path = join(folder, 'all.yaml');
      expect(await config(['export', '--reveal', '-o', path])).toMatchObject({ stdout: '', exitCode: 0 });
      expect(await readFile(path, 'utf8')).toContain('smtp_password: hunter2');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const masked = await config(['import'], { stdin: 'smtp_password: ••••••\n' });
      expect(masked).toMatchObject({ stdout: '', exitCode: 5 });
      expect(masked.stderr).toContain('holds the mask of a secret');
    });

    it('import more than one change set holds only in parts', async () => {
      const many = JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`many.${n}`, '1'])));
      const refused = await config(['import', '--format', 'json'], { stdin: many });
      expect(refused).toMatchObject({ stdout: '', exitCode: 5 });
      const { stdout, exitCode } = await config(['import', '--format', 'json', '--in-parts', '--json'], {
        stdin: many,
      });
      expect(exitCode).toBe(0);
      expect(stdout.trim().split('\n')).toHaveLength(2);
      const keys = Object.keys(JSON.parse(many) as object);
      expect(await config(['delete', ...keys.slice(1)])).toMatchObject({ exitCode: 0 });
    });

    it.each([
      ['a file that is not there', ['import', '/nowhere.yaml'], '', 'cannot be read'],
      ['a name that says nothing', ['import', '/etc/hostname'], '', '--format'],
      ['what is no YAML', ['import'], 'a: [', 'Stdin is not YAML'],
      ['a value that is nested', ['import'], 'a: {b: 1}', 'something nested for a'],
      ['bytes that are no UTF-8', ['import'], Buffer.from([0xff]), 'Stdin cannot be read'],
    ])('refuse %s', async (_, args, stdin, message) => {
      const { stdout, stderr, exitCode } = await config(args, { stdin });
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
      expect(stderr).toContain(message);
    });
  });

  it('tell that a secret changed, and not what it is', async () => {
    const { stdout } = await config(['set', 'smtp_password=hunter2', 'a=1', '--json']);
    const { revision } = JSON.parse(stdout) as { revision: number };
    await config(['set', 'smtp_password=hunter3', 'a=2']);
    const diff = await config(['diff', String(revision)]);
    expect(diff.stdout).toBe('~ a: 1 → 2\n~ smtp_password: •••••• → ••••••\n');
    expect((await config(['diff', String(revision), '--json'])).stdout).toContain(
      '{"key":"smtp_password","action":"update","value":"••••••","previous_value":"••••••"}',
    );
    expect((await config(['history', 'smtp_password'])).stdout).not.toContain('hunter');
    expect((await config(['diff', String(revision), '--reveal'])).stdout).toContain('hunter2 → hunter3');
    const dry = await config(['set', 'smtp_password=hunter4', 'a=3', '--dry-run']);
    expect(dry.stdout).toContain('~ smtp_password: •••••• → ••••••\n');
  });

  it('export drives no terminal', async () => {
    await config(['set', 'a=x\u001b[31m\ny']);
    const { screen } = await runInTerminal(['config', 'export', '--format', 'dotenv'], [], { env: target.env });
    expect(screen).toBe("a='x\\u{1b}[31m\r\ny'\r\n");
  });

  describe('apply', () => {
    it('plans, shows, applies as one, and has nothing to do the second time', async () => {
      await config(['set', 'a=1', 'old=1']);
      await mkdir(join(folder, 'dir'));
      await file('dir/a.yaml', '# comment\na: 2\n');
      await file('dir/b.json', '{"b": "x"}');
      await file('dir/README.md', 'not ours');
      const args = ['apply', '-f', join(folder, 'dir'), '--prune', '--reason', 'release 42'];
      const plan = await config([...args, '--dry-run', '--exit-code']);
      expect(plan).toEqual({
        stdout: '~ a: 1 → 2\n+ b: x\n- old: 1\n1 to set, 1 to change, 1 to delete. Nothing was written.\n',
        stderr: 'No service declares the key a.\nNo service declares the key b.\n',
        exitCode: 9,
      });
      expect(await values()).toEqual({ a: '1', old: '1' });
      const applied = await config(args);
      expect(applied).toMatchObject({ stderr: expect.any(String) as string, exitCode: 0 });
      expect(applied.stdout).toMatch(/^~ a: 1 → 2\n\+ b: x\n- old: 1\nApplied: .* \(revision \d+\)\.\n$/);
      expect(await values()).toEqual({ a: '2', b: 'x' });
      expect(await config([...args, '--exit-code'])).toEqual({
        stdout: 'Nothing to change: 2 keys are as wanted.\n',
        stderr: '',
        exitCode: 0,
      });
    });

    it('says it as JSON', async () => {
      const { stdout } = await config(['apply', '-f', '-', '--json'], { stdin: 'a: 1\n' });
      expect(JSON.parse(stdout)).toMatchObject({
        dry_run: false,
        revision: expect.any(Number) as number,
        changes: [{ key: 'a', action: 'create', value: '1', previous_value: null }],
      });
      const again = await config(['apply', '-f', '-', '--json'], { stdin: 'a: 1\n' });
      expect(JSON.parse(again.stdout)).toMatchObject({ revision: null, changes: [] });
    });

    it('prunes no secret, and nothing for an empty file', async () => {
      await config(['set', 'smtp_password=hunter2', 'a=1']);
      const empty = await config(['apply', '-f', await file('e.yaml', '# nothing\n'), '--prune']);
      expect(empty).toMatchObject({ stdout: '', exitCode: 2 });
      const { stderr } = await config(['apply', '-f', await file('f.yaml', 'b: 1\n'), '--prune']);
      expect(stderr).toContain('--prune leaves secrets alone: smtp_password.');
      expect(await values()).toEqual({ b: '1', smtp_password: 'hunter2' });
    });

    it('writes nothing of it where one value is refused', async () => {
      const args = ['apply', '-f', await file('f.yaml', 'a: 1\nmoog_rate_limit: 5000\n')];
      for (const more of [[], ['--dry-run']]) {
        const { stderr, exitCode } = await config([...args, ...more]);
        expect([exitCode, stderr]).toEqual([5, expect.stringContaining('The value of moog_rate_limit')]);
      }
      expect(await values()).toEqual({});
      expect(await config([...args, '--force'])).toMatchObject({ exitCode: 0 });
    });

    it('is tried by what is declared, JSON Schemas too', async () => {
      const tried = await config(['apply', '-f', await file('f.yaml', `limits: '{"min": 1}'\n`), '--dry-run']);
      expect([tried.exitCode, tried.stderr]).toEqual([5, expect.stringContaining('limits') as string]);
      const good = await config(['set', 'limits={"max": 1}', '--dry-run']);
      expect(good).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Nothing was written') as string });
      expect(await values()).toEqual({});
    });

    it('takes no key from two files', async () => {
      const [a, b] = [await file('a.yaml', 'x: 1\n'), await file('b.json', '{"x": "2"}')];
      const { stderr, exitCode } = await config(['apply', '-f', a, '-f', b]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('both name x')]);
    });

    it('refuses a folder with folders in it, whose keys --prune would delete', async () => {
      await config(['set', 'b=1']);
      await mkdir(join(folder, 'nested', 'sub'), { recursive: true });
      await file('nested/a.yaml', 'a: 1\n');
      await mkdir(join(folder, 'nested', '..data'));
      await file('nested/..data/a.yaml', 'a: 1\n');
      await file('nested/sub/b.yaml', 'b: 1\n');
      const args = ['apply', '-f', join(folder, 'nested'), '--prune'];
      const { stderr, exitCode } = await config(args);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('sub is a folder of files, too')]);
      expect(await values()).toEqual({ b: '1' });
      const both = await config([...args, '-f', join(folder, 'nested', 'sub')]);
      expect(both).toMatchObject({ exitCode: 0 });
      expect(await values()).toEqual({ a: '1', b: '1' });
    });

    it('asks on a terminal before it prunes', async () => {
      await config(['set', 'a=1']);
      const args = ['config', 'apply', '-f', await file('f.yaml', 'b: 1\n'), '--prune'];
      const { exitCode, screen } = await runInTerminal(args, [['Go ahead?', 'n']], { env: target.env });
      expect([exitCode, screen]).toEqual([8, expect.stringContaining('1 to set, 1 to delete')]);
      expect(await values()).toEqual({ a: '1' });
    });
  });

  describe('edit', () => {
    /** An editor that runs a line of shell with the file as `$1`. */
    async function editor(line: string): Promise<Record<string, string>> {
      const path = await file('editor.sh', `#!/bin/sh\ncp "$1" ${folder}/seen.yaml\n${line}\n`);
      await chmod(path, 0o755);
      return { EDITOR: path };
    }

    it('shows what is declared, and applies what differs', async () => {
      await config(['set', 'moog_rate_limit=200', 'a=1', 'b=1', 'smtp_password=hunter2']);
      const env = await editor(
        `sed -i -e 's/^moog_rate_limit: .*/moog_rate_limit: 300/' -e '/^a:/d' "$1"; echo 'new: x' >> "$1"`,
      );
      const { stdout, exitCode } = await config(['edit', '--reason', 'tuning'], { env });
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^- a: 1\n~ moog_rate_limit: 200 → 300\n\+ new: x\nApplied: /);
      const seen = await readFile(join(folder, 'seen.yaml'), 'utf8');
      expect(seen).toMatch(/# Most alerts to Moog\n# integer[^\n]* \(alerts\/s\), default 100\nmoog_rate_limit: 200\n/);
      expect(seen).toContain('# batch_size: 50\n');
      expect(seen).not.toContain('hunter2');
      expect(await values()).toEqual({ moog_rate_limit: '300', b: '1', new: 'x', smtp_password: 'hunter2' });
    });

    it('does nothing when nothing was changed, or the editor fails', async () => {
      await config(['set', 'a=1']);
      expect(await config(['edit'], { env: await editor('true') })).toMatchObject({
        stdout: '',
        stderr: 'Nothing was changed.\n',
        exitCode: 0,
      });
      const failed = await config(['edit'], { env: await editor('echo "b: 1" >> "$1"; exit 3') });
      expect(failed).toMatchObject({ stdout: '', exitCode: 8 });
      expect(await values()).toEqual({ a: '1' });
    });

    it.each([
      ['fails', 'exit 3', 'ended with 3: nothing was written'],
      ['removes its file', 'rm "$1"', 'The editor left no file: nothing was written'],
    ])('leaves nothing behind when the editor %s', async (_, line, message) => {
      const env = { ...(await editor(line)), TMPDIR: folder };
      const { stderr, exitCode } = await config(['edit'], { env });
      expect([exitCode, stderr]).toEqual([8, expect.stringContaining(message)]);
      expect(stderr).not.toContain('Your edits');
      expect(await readdir(folder)).toEqual(['editor.sh', 'seen.yaml']);
    });

    it('keeps the file when Ctrl-C ends the editor', async () => {
      const env = {
        ...target.env,
        ...(await editor('echo "b: 1" >> "$1"; echo ready; exec sleep 60')),
        TMPDIR: folder,
      };
      const { screen, exitCode } = await runInTerminal(['config', 'edit'], [['ready', '\u0003']], { env });
      expect([exitCode, screen]).toEqual([8, expect.stringContaining('Your edits are in')]);
      expect(await values()).toEqual({});
    });

    it.each([
      ['no YAML', 'echo "x: [" >> "$1"', 2],
      ['a value that is refused', 'echo "moog_rate_limit: 5000" >> "$1"', 5],
    ])('keeps the file for %s', async (_, line, code) => {
      const { stderr, exitCode } = await config(['edit'], { env: await editor(line) });
      expect(exitCode).toBe(code);
      const path = /Your edits are in (\S+):/.exec(stderr)?.[1] ?? '';
      expect(await readFile(path, 'utf8')).toMatch(/(x: \[|moog_rate_limit: 5000)\n$/);
      await rm(path);
      expect(await values()).toEqual({});
    });

    it('keeps the file where somebody was quicker', async () => {
      await config(['set', 'a=1']);
      const muttctl = join(folder, 'theirs.json');
      // The editor is open until the other one has written.
      const env = await editor(`sed -i 's/^a: .*/a: 2/' "$1"; touch ${muttctl}; while [ -e ${muttctl} ]; do :; done`);
      const editing = await startMuttctl(['config', 'edit'], { env: { ...target.env, ...env } });
      await until('the editor is open', () => stat(muttctl).then(Boolean, () => false));
      await config(['set', 'a', '3']);
      await rm(muttctl);
      const { stderr, exitCode } = await editing.ended;
      expect([exitCode, stderr]).toEqual([5, expect.stringMatching(/changed since it was read.*Your edits are in/)]);
      expect(await values()).toEqual({ a: '3' });
    });

    it('opens the editor on the terminal', async () => {
      await config(['set', 'a=1']);
      const env = await editor(`printf 'type: '; read -r typed; sed -i "s/^a: .*/a: $typed/" "$1"`);
      const { exitCode, screen } = await runInTerminal(['config', 'edit'], [['type: ', '42\r']], {
        env: { ...target.env, ...env },
      });
      expect([exitCode, screen]).toEqual([0, expect.stringContaining('Applied: 1 to change')]);
      expect(await values()).toEqual({ a: '42' });
    });
  });

  describe('wait', () => {
    it('ends at once when it is so, and in time when it is not', async () => {
      await config(['set', 'a=1', 'b=']);
      expect(await config(['wait', 'a=1', 'b='])).toMatchObject({
        stdout: expect.stringMatching(/^Seen: a=1 b= \(revision \d+\)\n$/) as string,
        stderr: '',
        exitCode: 0,
      });
      expect(await config(['wait', 'a=1', 'c=1', '--timeout', '50ms', '--json'])).toMatchObject({
        stdout: '',
        stderr: `${JSON.stringify({ error: 'Not seen within 0.05 s: c is not set.', code: 'timed_out' })}\n`,
        exitCode: 7,
      });
    });

    it('ends when it becomes so', async () => {
      await config(['set', 'a=1']);
      const waiting = await startMuttctl(['config', 'wait', 'a=2', '--timeout', '1m', '--json'], { env: target.env });
      await until('it watches', async () => {
        await config(['set', 'a=2']);
        return waiting.process.exitCode !== null;
      });
      const { stdout, exitCode } = await waiting.ended;
      expect([exitCode, JSON.parse(stdout)]).toEqual([0, { seen: { a: '2' }, revision: expect.any(Number) as number }]);
    });

    it.each([
      [['a'], 'Not a <key>=<value>'],
      [['a=1', '--timeout', '5'], 'It is a number with a unit'],
      [['a=1', '--timeout', '25h'], 'It is a number with a unit'],
    ])('refuses %j', async (args, message) => {
      const { stderr, exitCode } = await config(['wait', ...args]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    });
  });
});
