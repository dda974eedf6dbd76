import { userInfo, hostname } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../../../test/support/free-port.ts';
import { startRedis, type RedisServer } from '../../../../../test/support/redis-server.ts';
import { runMuttctl, type Outcome, type RunOptions } from '../../../test/run-muttctl.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.cli('FLUSHALL'));

const author = `${userInfo().username}@${hostname()}`;

function config(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return runMuttctl(['config', ...args], { ...options, env: { MUTT_CONFIG_URL: redis.url, ...options.env } });
}

const done = (stdout: string): Outcome => ({ stdout, stderr: '', exitCode: 0 });

describe('config get', () => {
  it('prints the bare value and a newline, exactly as stored', async () => {
    await redis.cli('SET', 'mutt:config:banner', ' two\nlines, ünïcode 🚀\u001b[31m ');
    expect(await config(['get', 'banner'])).toEqual(done(' two\nlines, ünïcode 🚀\u001b[31m \n'));
  });

  it('prints --default when there is no such key, and only then', async () => {
    await redis.cli('SET', 'mutt:config:set', '');
    expect(await config(['get', 'unset', '--default', '300'])).toEqual(done('300\n'));
    expect(await config(['get', 'unset', '--default', ''])).toEqual(done('\n'));
    expect(await config(['get', 'set', '--default', '300'])).toEqual(done('\n'));
  });

  it('ends with 3 when there is no such key', async () => {
    expect(await config(['get', 'nope'])).toEqual({
      stdout: '',
      stderr: 'Error: Config key not found: nope. Run muttctl config list to see the keys that there are.\n',
      exitCode: 3,
    });
  });

  it('says what is known about the entry with --json', async () => {
    await config(['set', 'rate', '100']);
    const { stdout } = await config(['get', 'rate', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      key: 'rate',
      value: '100',
      revision: 1,
      changed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      changed_by: author,
    });
    expect(JSON.parse((await config(['get', 'nope', '--default', 'x', '--json'])).stdout)).toEqual({
      key: 'nope',
      value: 'x',
      revision: null,
      changed_at: null,
      changed_by: null,
    });
  });
});

describe('config set', () => {
  it('says what changed, and stores a plain string', async () => {
    expect(await config(['set', 'rate', '100'])).toEqual(done('rate: (not set) → 100 (revision 1)\n'));
    expect(await config(['set', 'rate', '200'])).toEqual(done('rate: 100 → 200 (revision 2)\n'));
    expect(await config(['set', 'rate', '200'])).toEqual(done('rate: 200 → 200, the same value (revision 3)\n'));
    expect(await redis.cli('GET', 'mutt:config:rate')).toBe('200');
  });

  it('says it as JSON, with author and reason', async () => {
    await config(['set', 'rate', '100']);
    const { stdout } = await config(['set', 'rate', '200', '--reason', 'incident 4711', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      key: 'rate',
      value: '200',
      previous_value: '100',
      revision: 2,
      changed_by: author,
      reason: 'incident 4711',
      source: 'commit',
    });
  });

  it.each([
    ['an empty value', [''], ''],
    ['a negative number', ['-5'], '-5'],
    ['a dash', ['-'], '-'],
    ['what looks like an option, after --', ['--', '--json'], '--json'],
    ['spaces, quotes and a template', [' "$x" `y` %s '], ' "$x" `y` %s '],
  ])('takes %s literally', async (_, args, value) => {
    const outcome = await config(['set', 'odd', ...args]);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await config(['get', 'odd'])).stdout).toBe(`${value}\n`);
  });

  it('reads the value from stdin, byte for byte', async () => {
    const value = '\ufefffirst\r\nlast, with a newline\n\0';
    expect(await config(['set', 'file', '--stdin'], { stdin: value })).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await config(['get', 'file'])).stdout).toBe(`${value}\n`);
  });

  it('takes a value of exactly 1 MiB', async () => {
    const outcome = await config(['set', 'big', '--stdin'], { stdin: 'x'.repeat(1024 * 1024) });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await redis.cli('STRLEN', 'mutt:config:big')).toBe('1048576');
  });

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x61, 0xff]), 'Error: Invalid value for k: stdin is not valid UTF-8.\n'],
    [
      'more than 1 MiB',
      Buffer.alloc(1024 * 1024 + 1, 'x'),
      'Error: Invalid value for k: a value is at most 1 MiB of UTF-8, and stdin holds more.\n',
    ],
  ])('refuses %s on stdin', async (_, stdin, stderr) => {
    expect(await config(['set', 'k', '--stdin'], { stdin })).toEqual({ stdout: '', stderr, exitCode: 5 });
    expect(await redis.cli('EXISTS', 'mutt:config:k')).toBe('0');
  });

  it('refuses a value that an argument has already lost bytes of', async () => {
    const outcome = await config(['set', 'k', 'a\ufffd']);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 5 });
    expect(outcome.stderr).toContain('pass it with --stdin');
  });

  it('writes only at the revision that --if-revision names', async () => {
    expect(await config(['set', 'k', 'new', '--if-revision', '0'])).toMatchObject({ exitCode: 0 });
    expect(await config(['set', 'k', 'newer', '--if-revision', '1'])).toMatchObject({ exitCode: 0 });
    const late = await config(['set', 'k', 'late', '--if-revision', '1', '--json']);
    expect(late).toMatchObject({ stdout: '', exitCode: 5 });
    expect(JSON.parse(late.stderr)).toMatchObject({ code: 'revision_conflict' });
    expect(await redis.cli('GET', 'mutt:config:k')).toBe('newer');
  });

  it('stores with --no-notify', async () => {
    expect(await config(['set', 'quiet', '1', '--no-notify'])).toMatchObject({ exitCode: 0 });
    expect(await redis.cli('GET', 'mutt:config:quiet')).toBe('1');
  });
});

describe('config delete', () => {
  it('deletes, and says what was there', async () => {
    await config(['set', 'old', '300']);
    expect(await config(['delete', 'old'])).toEqual(done('old: deleted, was 300 (revision 2)\n'));
    expect(await redis.cli('EXISTS', 'mutt:config:old')).toBe('0');
  });

  it('says it as JSON', async () => {
    await config(['set', 'old', '300']);
    const { stdout } = await config(['delete', 'old', '--reason', 'unused', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      key: 'old',
      value: null,
      previous_value: '300',
      revision: 2,
      reason: 'unused',
    });
  });

  it('ends with 3 when there is no such key', async () => {
    const outcome = await config(['delete', 'nope', '--json']);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 3 });
    expect(JSON.parse(outcome.stderr)).toMatchObject({ code: 'key_not_found' });
  });

  it('deletes only at the revision that --if-revision names', async () => {
    await config(['set', 'k', 'v']);
    expect(await config(['delete', 'k', '--if-revision', '7'])).toMatchObject({ stdout: '', exitCode: 5 });
    expect(await config(['delete', 'k', '--if-revision', '1'])).toMatchObject({ exitCode: 0 });
  });
});

describe('config list', () => {
  it('prints a table, sorted by key', async () => {
    await config(['set', 'moog_rate_limit', '100']);
    await redis.cli('SET', 'mutt:config:cache_reload_interval', '300');
    const { stdout, stderr, exitCode } = await config(['list']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['KEY', 'VALUE', 'REVISION', 'CHANGED', 'BY'],
      ['cache_reload_interval', '300', '-', '-', '-'],
      ['moog_rate_limit', '100', '1', expect.stringMatching(/^\d{4}-\d\d-\d\d [\d:]{8}$/) as string, author],
      [''],
    ]);
  });

  it('lists only the keys that match', async () => {
    await redis.cli('MSET', 'mutt:config:moog_a', '1', 'mutt:config:moog_b', '2', 'mutt:config:other', '3');
    const { stdout } = await config(['list', 'moog_*', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ config: { moog_a: '1', moog_b: '2' }, count: 2 });
  });

  it('never lets a value or an author drive the terminal', async () => {
    await redis.cli('SET', 'mutt:config:evil', '\u001b]0;owned\u0007\u009b2J\u202e');
    const { stdout } = await config(['list']);
    expect(stdout).toContain('\\u{1b}]0;owned\\u{7}\\u{9b}2J\\u{202e}');
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('is the whole truth as JSON, and still safe to look at', async () => {
    await redis.cli('MSET', 'mutt:config:__proto__', 'polluted', 'mutt:config:evil', '\u009b2J\u202e');
    const { stdout } = await config(['list', '--json']);
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
    const listed = JSON.parse(stdout) as { config: Record<string, string>; entries: unknown[] };
    expect(Object.entries(listed.config)).toEqual([
      ['__proto__', 'polluted'],
      ['evil', '\u009b2J\u202e'],
    ]);
    expect(listed.entries).toContainEqual({
      key: '__proto__',
      value: 'polluted',
      revision: 0,
      changed_at: null,
      changed_by: null,
    });
  });

  it('says so when there is nothing', async () => {
    expect(await config(['list'])).toEqual({ stdout: '', stderr: 'No keys are set.\n', exitCode: 0 });
    expect(await config(['list', 'x*'])).toEqual({ stdout: '', stderr: 'No key matches.\n', exitCode: 0 });
    expect(JSON.parse((await config(['list', '--json'])).stdout)).toEqual({
      config: {},
      count: 0,
      revision: 0,
      entries: [],
      settings: [],
    });
  });

  it('warns about what it cannot read and lists the rest', async () => {
    await redis.cli('HSET', 'mutt:config:hash', 'f', 'v');
    await redis.cli('SET', 'mutt:config:good', '1');
    const { stdout, stderr, exitCode } = await config(['list', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ config: { good: '1' } });
    expect(stderr).toContain('hash');
    expect(JSON.parse(stderr)).toEqual({ level: 'warn', message: expect.any(String) as string });
    expect(exitCode).toBe(0);
  });
});

describe('any config command', () => {
  const nowhere = { MUTT_CONFIG_URL: 'redis://127.0.0.1:1' };

  it.each([
    ['with a space', 'a b'],
    ['reserved', 'updates'],
    ['empty', ''],
    ['too long', 'k'.repeat(257)],
    ['with an escape sequence', '\u001b[2Jx'],
  ])('refuses a key that is %s before it connects', async (_, key) => {
    const { stdout, stderr, exitCode } = await config(['set', key, 'v'], { env: nowhere });
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 5 });
    expect(stderr).toMatch(/^Error: Invalid config key [^\p{Cc}]*\n$/u);
  });

  it.each([['get'], ['delete']])('refuses such a key in %s, too', async (verb) => {
    expect(await config([verb, 'a b'], { env: nowhere })).toMatchObject({ stdout: '', exitCode: 5 });
  });

  it('works on the prefix that it is told', async () => {
    await config(['set', 'k', 'a', '--prefix', 'team:a']);
    await config(['set', 'k', 'b'], { env: { MUTT_CONFIG_PREFIX: 'team:b' } });
    expect(await redis.cli('MGET', 'team:a:k', 'team:b:k')).toBe('a\nb');
  });

  it('ends with 4 when nothing answers, and says what to do', async () => {
    const port = String(await freePort());
    const outcome = await config(['get', 'k', '--default', 'x', '--url', `redis://me:hunter2@127.0.0.1:${port}`]);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 4 });
    expect(outcome.stderr).toContain(`127.0.0.1:${port}`);
    expect(outcome.stderr).toContain('The address comes from --url.');
    expect(outcome.stderr).not.toContain('hunter2');
  });

  it('ends with 4 when there is no server on this machine, and says how to start one', async () => {
    const port = String(await freePort());
    expect(await runMuttctl(['config', 'list'], { env: { PORT: port } })).toEqual({
      stdout: '',
      stderr: `Error: No server answers at http://127.0.0.1:${port}. Start it with npm start, or pass --url redis://… or --url http://….\n`,
      exitCode: 4,
    });
  });

  it('ends with 5 when Redis refuses the password, and does not repeat it', async () => {
    const guarded = await startRedis('--requirepass', 'swordfish');
    try {
      for (const url of [guarded.url, guarded.url.replace('//', '//:hunter2@')]) {
        const outcome = await config(['list', '--json'], { env: { MUTT_CONFIG_URL: url } });
        expect(outcome).toMatchObject({ stdout: '', exitCode: 5 });
        expect(JSON.parse(outcome.stderr)).toMatchObject({ code: 'store_refused' });
        expect(outcome.stderr).not.toContain('hunter2');
      }
    } finally {
      await guarded.stop();
    }
  });
});
