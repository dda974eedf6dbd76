import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer } from '../../../../../test/support/postgres-server.ts';
import { startRedis, type RedisServer } from '../../../../../test/support/redis-server.ts';
import { startServer, type RunningServer } from '../../../../server/src/index.ts';
import { runInTerminal } from '../../../test/in-terminal.ts';
import { runMuttctl, type Outcome, type RunOptions } from '../../../test/run-muttctl.ts';

const API_KEY = 'correct-horse-battery-staple';
/** What no text for people may hold: anything that drives a terminal. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

let folder: string;
let redis: RedisServer;
let postgres: PostgresServer;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muttctl-audit-'));
  [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dataDir: join(folder, 'data'),
    entries: { store: 'redis', url: redis.url },
    databaseUrl: postgres.url,
    apiKey: API_KEY,
    logLevel: 'silent',
  });
  await commit({ rate: '100' }, 'the start');
  await commit({ rate: '200', 'smtp.host': 'mail' }, 'incident 4711');
  await commit({ evil: '\u001b[2J\u202e' }, '\u001b]0;gotcha\u0007\nAuthor: root');
  await redis.cli('SET', 'mutt:config:rate', '300');
  await until('the write past the server is found', async () => (await ids('--source', 'out-of-band')).length === 1);
});
afterAll(async () => {
  await server.close();
  await Promise.all([redis.stop(), postgres.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function commit(values: Record<string, string>, reason: string): Promise<void> {
  const changes = Object.entries(values).map(([key, value]) => ({ key, value }));
  const response = await fetch(`${server.url}/api/v1/changes`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ changes, reason }),
  });
  expect(response.status).toBe(200);
}

function audit(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const env = { MUTT_CONFIG_URL: server.url, MUTT_API_KEY: API_KEY };
  return runMuttctl(['audit', ...args], { cwd: folder, ...options, env: { ...env, ...options.env } });
}

async function ids(...args: string[]): Promise<number[]> {
  const { stdout } = await audit(['list', ...args, '--json']);
  return (JSON.parse(stdout) as { records: { id: number }[] }).records.map(({ id }) => id);
}

describe('audit list', () => {
  it.each<[readonly string[], readonly number[]]>([
    [[], [5, 4, 3, 2, 1]],
    [
      ['--key', 'rat*'],
      [5, 2, 1],
    ],
    [
      ['--key', 'evil,smtp.*', '--key', 'nope'],
      [4, 3],
    ],
    [['--actor', 'admin', '--operation', 'update'], [2]],
    [
      ['--operation', 'CREATE', '--limit', '2'],
      [4, 3],
    ],
    [['--source', 'out-of-band'], [5]],
    [
      ['--text', 'incid 4711'],
      [3, 2],
    ],
    [
      ['--since', '1h', '--until', '2099-01-01'],
      [5, 4, 3, 2, 1],
    ],
    [['--until', '1d'], []],
  ])('with %j prints the records %j', async (args, expected) => {
    expect(await ids(...args)).toEqual(expected);
  });

  it('is a table, in which nothing drives the terminal', async () => {
    const { stdout, stderr, exitCode } = await audit(['list', '-n', '4']);
    expect([exitCode, stderr]).toEqual([0, 'There are older ones: these are the newest 4. --limit shows more.\n']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^ID +CHANGED +BY +KEY +CHANGE +REASON$/);
    expect(lines[1]).toMatch(/^ 5 +20\d\d-\S+ \S+ +- +rate +200 → 300$/);
    expect(lines[2]).toContain('(not set) → \\u{1b}[2J\\u{202e}');
    expect(lines[4]).toMatch(/^ 2 .* admin +rate +100 → 200 +incident 4711$/);
    expect(stdout).not.toMatch(UNSAFE);
  });

  it('with --full tells all of each, and forged lines are none', async () => {
    const { stdout, exitCode } = await audit(['list', '--full']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Author: somebody who wrote directly to the store\n');
    expect(stdout).toMatch(
      /record 2 \(revision 2\)\nKey: {4}rate\nAuthor: admin\nDate: {3}\S+Z\nId: {5}\S+\n\n {4}incident 4711\n\n {4}100 → 200\n/,
    );
    expect(stdout.match(/^Author: root/m)).toBeNull();
    expect(stdout).not.toMatch(UNSAFE);
  });

  it('fits a terminal', async () => {
    const env = { MUTT_CONFIG_URL: server.url, MUTT_API_KEY: API_KEY, NO_COLOR: '1' };
    const { screen, exitCode } = await runInTerminal(['audit', 'list'], [], { env });
    expect(exitCode).toBe(0);
    const lines = screen.trimEnd().split('\r\n');
    expect(lines).toHaveLength(6);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it.each([
    [['--since', '42'], 'not a revision'],
    [['--until', 'soon'], 'Not a moment'],
    [['--operation', 'rename'], 'Allowed choices are create, update, delete, gap'],
    [['--key', 'a b'], 'A pattern is made of'],
    [['--limit', '0'], 'whole number from 1'],
  ])('refuses %j', async (args, message) => {
    const { stdout, stderr, exitCode } = await audit(['list', ...args]);
    expect([stdout, exitCode, stderr]).toEqual(['', 2, expect.stringContaining(message)]);
  });

  it('says that nothing matches, and 5 without an API key', async () => {
    expect(await audit(['list', '--actor', 'nobody'])).toEqual({
      stdout: '',
      stderr: 'No record matches.\n',
      exitCode: 0,
    });
    const refused = await audit(['list'], { env: { MUTT_API_KEY: '' } });
    expect(refused).toMatchObject({
      stdout: '',
      exitCode: 5,
      stderr: expect.stringContaining('MUTT_API_KEY') as string,
    });
  });
});

describe('audit verify', () => {
  it('gives a verdict, quietly where that is asked', async () => {
    const { stdout, stderr, exitCode } = await audit(['verify']);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const [verdict, checked, since, head] = stdout.split('\n');
    expect(verdict).toBe('✓ The audit trail is intact.');
    expect(checked).toMatch(/^ {2}Checked: 5 records, from 1 to 5: each is as it was written/);
    expect(since).toMatch(/^ {2}Since: {3}20\d\d-.*Z$/);
    expect(head).toMatch(/^ {2}Head: {4}record 5, hash [0-9a-f]{64}$/);
    expect(await audit(['verify', '--quiet'])).toEqual({ stdout: '', stderr: '', exitCode: 0 });
  });

  it('holds the trail against a head that was kept', async () => {
    const { stdout: kept } = await audit(['head']);
    await writeFile(join(folder, 'head.json'), kept);
    const { stdout, exitCode } = await audit(['verify', '--against', 'head.json']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Against: record 5, hash [0-9a-f]{64}, signed 20\S+Z: it is still there\./);
    const forged = JSON.stringify({ ...(JSON.parse(kept) as object), id: 4 });
    const refused = await audit(['verify', '--against', '-'], { stdin: forged });
    expect(refused).toMatchObject({ exitCode: 6, stdout: expect.stringContaining('✗') as string });
    expect(refused.stderr).toBe('Error: The head was not signed by this trail, or was altered since.\n');
  });

  it.each([
    ['no head', '{}', 'holds no signed head'],
    ['no JSON', 'hello', 'holds no signed head'],
  ])('refuses a file that holds %s', async (_, text, message) => {
    await writeFile(join(folder, 'other.json'), text);
    const { stdout, stderr, exitCode } = await audit(['verify', '--against', 'other.json']);
    expect([stdout, exitCode, stderr]).toEqual(['', 2, expect.stringContaining(message)]);
    expect((await audit(['verify', '--against', 'nowhere.json'])).stderr).toContain('cannot be read');
  });

  it('ends with 6 and names the first bad record', async () => {
    await postgres.query("update config_audit_log set reason = 'nothing happened' where id = 3");
    try {
      const { stdout, stderr, exitCode } = await audit(['verify']);
      expect(exitCode).toBe(6);
      expect(stdout).toContain('✗ The audit trail is NOT as it was written.\n  Record 3 was altered');
      expect(stdout).toContain(
        'Record 3 is the first that is wrong; the 2 records before it are as they were written.',
      );
      expect(stderr).toMatch(/^Error: Record 3 was altered[^\n]*\n$/);
      const json = await audit(['verify', '--json']);
      expect(json.exitCode).toBe(6);
      expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, records: 2, problem: { id: 3 } });
      expect(JSON.parse(json.stderr)).toMatchObject({ code: 'unhealthy' });
    } finally {
      await postgres.query("update config_audit_log set reason = 'incident 4711' where id = 3");
    }
  });
});

describe('audit export', () => {
  let place: string;
  beforeEach(async () => {
    await rm(join(folder, 'out'), { recursive: true, force: true });
    await mkdir(join(folder, 'out'));
    place = join(folder, 'out');
  });
  const exported = (...args: string[]): Promise<Outcome> => audit(['export', ...args], { cwd: place });

  it('writes CSV or JSON lines, of what is asked for, the oldest first', async () => {
    const csv = await exported('--key', 'rate');
    expect(csv).toMatchObject({ stderr: '', exitCode: 0 });
    expect(csv.stdout).toMatch(/^id,changed_at,.*\r\n1,.*\r\n2,.*\r\n5,.*\r\n$/);
    const lines = await exported('--source', 'commit', '--format', 'jsonl');
    const records = lines.stdout.trimEnd().split('\n');
    expect(records.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2, 3, 4]);
    expect((await exported('--source', 'commit', '--json')).stdout).toBe(lines.stdout);
    expect(await exported('--json', '--format', 'csv')).toMatchObject({ exitCode: 2 });
    expect(await exported('--format', 'xml')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('csv, jsonl') as string,
    });
  });

  it('makes a file for its owner only, and replaces none unless that is said', async () => {
    expect(await exported('-o', 'all.jsonl')).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(/^Written to all\.jsonl: \d/) as string,
    });
    const file = join(place, 'all.jsonl');
    expect([(await stat(file)).mode & 0o777, (await readFile(file, 'utf8')).trimEnd().split('\n').length]).toEqual([
      0o600, 5,
    ]);
    await writeFile(file, 'mine');
    const refused = await exported('-o', 'all.jsonl');
    expect(refused).toEqual({
      stdout: '',
      stderr: 'Error: all.jsonl is there already: --force replaces it.\n',
      exitCode: 2,
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
    await symlink('all.jsonl', join(place, 'link.csv'));
    const { stdout } = await exported('-o', 'link.csv', '--force', '--json');
    const bytes = (await stat(file)).size;
    expect(JSON.parse(stdout)).toEqual({ output: 'link.csv', format: 'csv', bytes });
    expect(await readFile(file, 'utf8')).toMatch(/^id,/);
    expect(await exported('-o', '.', '--force')).toMatchObject({ exitCode: 2 });
    expect(await exported('-o', 'no/where.csv')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('cannot be written') as string,
    });
    expect((await readdir(place)).toSorted()).toEqual(['all.jsonl', 'link.csv']);
  });

  it('shows nothing that drives the terminal on one', async () => {
    const env = { MUTT_CONFIG_URL: server.url, MUTT_API_KEY: API_KEY };
    const { screen, exitCode } = await runInTerminal(['audit', 'export'], [], { env });
    expect([exitCode, screen.replaceAll('\r\n', '\n')]).toEqual([0, expect.stringContaining('Author: root') as string]);
    expect(screen.replaceAll('\r\n', '\n')).not.toMatch(UNSAFE);
  });
});

it('audit list follows the pages of a server, as far as it is asked to', async () => {
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`many.${n}`, '1']));
  await commit(many, 'a lot');
  const first = await audit(['list', '--limit', '550', '--json']);
  const page = JSON.parse(first.stdout) as { records: { id: number }[]; complete: boolean };
  expect([page.records.length, new Set(page.records.map(({ id }) => id)).size, page.complete]).toEqual([
    550,
    550,
    false,
  ]);
  const { stdout } = await audit(['list', '--key', 'many.*', '--limit', '600', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ complete: true });
});
