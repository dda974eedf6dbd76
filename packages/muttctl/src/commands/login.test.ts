import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runInTerminal } from '../../test/in-terminal.ts';
import { runMuttctl, startMuttctl, type Outcome } from '../../test/run-muttctl.ts';
import { startEmbeddedServer, type EmbeddedServer } from '../../test/start-embedded-server.ts';

const PASSWORD = 'a password for alice';

let server: EmbeddedServer;
let url: string;
let home: string;
beforeAll(async () => {
  server = await startEmbeddedServer();
  url = server.env['MUTT_CONFIG_URL'] ?? '';
  await server.call('POST', 'users', { name: 'alice', password: PASSWORD, role: 'editor' });
});
afterAll(() => server.stop());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'muttctl-home-'));
});
afterEach(() => rm(home, { recursive: true }));

const own = (env: Record<string, string> = {}): Record<string, string> => ({ MUTTCTL_HOME: home, ...env });
const muttctl = (args: string[], { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string } = {}) =>
  runMuttctl(args, { env: own(env), stdin });
const login = (context = 'prod'): Promise<Outcome> =>
  muttctl(['login', url, '--context', context, '--username', 'alice', '--password-stdin'], { stdin: `${PASSWORD}\n` });
const fileOf = (context: string): string => join(home, 'contexts', `${context}.json`);
const sessions = async (): Promise<number> => Number((await server.call('GET', 'sessions')).json['count']);

describe('login', () => {
  it('signs somebody in: commands afterwards are theirs, without more being said', async () => {
    expect(await login()).toEqual({
      stdout: `Signed in at ${url} as alice (editor). Context prod is in use.\n`,
      stderr: '',
      exitCode: 0,
    });
    await muttctl(['config', 'set', 'a=1']);
    const { stdout } = await muttctl(['config', 'get', 'a', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ value: '1', changed_by: 'alice' });
  });

  it('keeps what opens the server where only the owner may read it, and never prints it', async () => {
    const { stdout } = await login();
    const { token } = JSON.parse(await readFile(fileOf('prod'), 'utf8')) as { token: string };
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await stat(fileOf('prod'))).mode & 0o777).toBe(0o600);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
    const listed = await muttctl(['context', 'list', '--json']);
    const shown = await muttctl(['context', 'show', '--json']);
    expect(`${stdout}${listed.stdout}${shown.stdout}`).not.toContain(token);
    expect(await readdir(home)).toEqual(['contexts', 'current']);
  });

  it('takes an API key instead, once it has opened the server', async () => {
    const key = server.env['MUTT_API_KEY'] ?? '';
    const right = await muttctl(['login', url, '--api-key-stdin', '--json'], { stdin: key });
    expect(JSON.parse(right.stdout)).toMatchObject({ user: 'admin', role: 'admin', expires_at: null });
    const wrong = await muttctl(['login', url, '--api-key-stdin', '--context', 'wrong'], { stdin: 'wrong-horse' });
    expect(wrong).toMatchObject({ exitCode: 5, stdout: '' });
    expect(await readdir(join(home, 'contexts'))).toHaveLength(1);
  });

  it('asks at a terminal, and shows no password', async () => {
    const { screen, exitCode } = await runInTerminal(
      ['login', url, '--context', 'prod'],
      [
        ['User name at', 'alice\r'],
        ['Password of alice', `${PASSWORD}\r`],
      ],
      { env: own() },
    );
    expect(exitCode).toBe(0);
    expect(screen).toContain('as alice (editor)');
    expect(screen).not.toContain(PASSWORD);
  });

  it('is cancelled with Ctrl-C, and leaves nothing', async () => {
    const { exitCode } = await runInTerminal(['login', url, '--username', 'alice'], [['Password of alice', '\u0003']], {
      env: own(),
    });
    expect(exitCode).toBe(8);
    expect(await readdir(home)).toEqual([]);
  });

  it.each([
    ['a wrong password', ['--username', 'alice', '--password-stdin'], 5, 'password is wrong'],
    ['no name with a password', ['--password-stdin'], 2, '--password-stdin goes with --username'],
    ['no terminal to ask', [], 2, 'There is no terminal to ask'],
    ['a name for a context that is none', ['--context', '../x', '--password-stdin'], 2, 'The name of a context is'],
  ])('refuses %s in one sentence', async (_, options, exitCode, message) => {
    const outcome = await muttctl(['login', url, ...options], { stdin: 'not the password' });
    expect(outcome).toMatchObject({ exitCode, stdout: '' });
    expect(outcome.stderr).toMatch(/^Error: [^\n]*\n$/);
    expect(outcome.stderr).toContain(message);
    expect(await readdir(home)).toEqual([]);
  });

  it('refuses a Redis, and says what to do there', async () => {
    const { stderr, exitCode } = await muttctl(['login', 'redis://localhost']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('muttctl context add') as string]);
  });

  it('is done by two at once, each under its own name', async () => {
    const outcomes = await Promise.all([login('a'), login('b')]);
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect((await readdir(join(home, 'contexts'))).toSorted()).toEqual(['a.json', 'b.json']);
  });
});

describe('logout', () => {
  it('ends the session at the server, and forgets what opened it; the context stays', async () => {
    const before = await sessions();
    await login();
    expect(await sessions()).toBe(before + 1);
    expect((await muttctl(['logout'])).stdout).toBe('Signed out of context prod.\n');
    expect(await sessions()).toBe(before);
    const { exitCode, stderr } = await muttctl(['config', 'list']);
    expect([exitCode, stderr]).toEqual([5, expect.stringContaining(`muttctl login ${url}`) as string]);
  });
});

describe('a context', () => {
  it('whose session is over says how to sign in again', async () => {
    await login();
    const { json } = await server.call('GET', 'sessions');
    for (const { id } of json['sessions'] as { id: string }[]) await server.call('DELETE', `sessions/${id}`);
    const { exitCode, stderr } = await muttctl(['config', 'list']);
    expect(exitCode).toBe(5);
    expect(stderr).toContain(`Sign in again: muttctl login ${url} --context prod`);
  });

  it('whose session ends during a watch ends the watch, and says how to sign in again', async () => {
    await login();
    const watching = await startMuttctl(['config', 'watch'], { env: own() });
    await until('it watches', () => watching.stderr().includes('Watching'));
    const { json } = await server.call('GET', 'sessions');
    for (const { id } of json['sessions'] as { id: string }[]) await server.call('DELETE', `sessions/${id}`);
    const { exitCode, stderr } = await watching.ended;
    expect(exitCode).toBe(5);
    expect(stderr).toContain(`Sign in again: muttctl login ${url} --context prod`);
  });

  it('that others may read is not used, until that is mended', async () => {
    await login();
    await chmod(fileOf('prod'), 0o644);
    const { exitCode, stderr } = await muttctl(['config', 'list']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`Run: chmod 600 ${fileOf('prod')}`) as string]);
    await chmod(fileOf('prod'), 0o600);
    expect((await muttctl(['config', 'list'])).exitCode).toBe(0);
  });

  it('that is damaged is named, and left as it is', async () => {
    await login();
    await writeFile(fileOf('prod'), '{"url": 1');
    const { exitCode, stderr } = await muttctl(['config', 'list']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${fileOf('prod')} is damaged`) as string]);
    expect(await readFile(fileOf('prod'), 'utf8')).toBe('{"url": 1');
    const { stdout } = await muttctl(['context', 'list']);
    expect(stdout).toContain('is damaged');
  });

  it('sends what it holds to its own server only', async () => {
    await login();
    const { stderr } = await muttctl(['config', 'list', '--url', url]);
    expect(stderr).toContain('wants to know who asks');
  });
});
