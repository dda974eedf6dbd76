import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../../../test/support/free-port.ts';
import { runInTerminal } from '../../../test/in-terminal.ts';
import { runMuttctl, type Outcome } from '../../../test/run-muttctl.ts';
import { startEmbeddedServer, type EmbeddedServer } from '../../../test/start-embedded-server.ts';

const PASSWORD = 'a password for alice';
const OTHER = 'something else for alice';

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer();
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const { name } of await listed()) await server.call('DELETE', `users/${name}`);
});

const users = (args: readonly string[], stdin = ''): Promise<Outcome> =>
  runMuttctl(['users', ...args], { env: server.env, stdin });

async function listed(): Promise<{ name: string; disabled: boolean; role: string }[]> {
  return (await server.call('GET', 'users')).json['users'] as { name: string; disabled: boolean; role: string }[];
}

const alice = (): Promise<unknown> =>
  server.call('POST', 'users', { name: 'alice', role: 'editor', password: PASSWORD });

const signsIn = async (password: string): Promise<boolean> =>
  (await server.call('POST', 'session', { username: 'alice', password }, {})).status === 200;

describe('users create', () => {
  it('takes the password from stdin, without its last newline', async () => {
    const args = ['create', 'alice', '--role', 'editor', '--keys', 'moog_*', '--password-stdin'];
    expect(await users(args, `${PASSWORD}\n`)).toEqual({
      stdout: 'Created: alice, editor of moog_*, without secrets.\n',
      stderr: '',
      exitCode: 0,
    });
    expect(await signsIn(PASSWORD)).toBe(true);
    const again = await users([...args, '--json'], PASSWORD);
    expect([again.exitCode, JSON.parse(again.stderr)]).toEqual([5, expect.objectContaining({ code: 'name_taken' })]);
  });

  it('asks for it twice on a terminal, and shows it neither time', async () => {
    const { screen, exitCode } = await runInTerminal(
      ['users', 'create', 'alice', '--role', 'viewer'],
      [
        ['Password for alice', 'short\r'],
        ['at least 12 characters', `${PASSWORD}\r`],
        ['The same again', `${OTHER}\r`],
        ['It is not the same', `${PASSWORD}\r`],
      ],
      { env: server.env },
    );
    expect([exitCode, screen]).toEqual([0, expect.stringContaining('Created: alice, viewer of all keys')]);
    expect(screen).not.toContain('password for');
    expect(screen).not.toContain('something');
    expect(await signsIn(PASSWORD)).toBe(true);
  });

  it('is given up with Ctrl-C', async () => {
    const typing = [['Password for alice', '\u0003']] as const;
    const { screen, exitCode } = await runInTerminal(['users', 'create', 'alice', '--role', 'viewer'], typing, {
      env: server.env,
    });
    expect([exitCode, screen, await listed()]).toEqual([8, expect.stringContaining('Cancelled'), []]);
  });

  it.each<[string, readonly string[], string, string]>([
    ['no terminal', [], '', '--password-stdin'],
    ['nothing on stdin', ['--password-stdin'], '\n', 'stdin holds no password'],
    ['too little', ['--password-stdin'], 'short', 'at least 12 characters'],
    ['too much', ['--password-stdin'], 'x'.repeat(5_000), 'too long for a password'],
  ])('refuses where there is %s', async (_, args, stdin, message) => {
    const { stdout, stderr, exitCode } = await users(['create', 'alice', '--role', 'viewer', ...args], stdin);
    expect([stdout, exitCode, stderr]).toEqual(['', 2, expect.stringContaining(message)]);
    expect(await listed()).toEqual([]);
  });
});

describe('users list', () => {
  it('is a table, or what the server says as JSON', async () => {
    expect((await users(['list'])).stderr).toContain('There are no users yet');
    await alice();
    const { stdout, exitCode } = await users(['list']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^NAME +ROLE +KEYS +SECRETS +STATE +CREATED +BY\nalice +editor +all +- +enabled +20\S+ \S+ +admin\n$/,
    );
    expect(JSON.parse((await users(['list', '--json'])).stdout)).toMatchObject({
      count: 1,
      users: [{ name: 'alice', disabled: false }],
    });
  });
});

describe('users disable, enable, set-password and delete', () => {
  it('shut somebody out, let them in, give them another password, and remove them', async () => {
    await alice();
    expect(await users(['disable', 'alice'])).toEqual({ stdout: 'Disabled: alice.\n', stderr: '', exitCode: 0 });
    expect(await signsIn(PASSWORD)).toBe(false);
    expect((await users(['disable', 'alice'])).stdout).toBe('Disabled: alice, as before.\n');
    const enabled = await users(['enable', 'alice', '--json']);
    expect(JSON.parse(enabled.stdout)).toMatchObject({ name: 'alice', disabled: false });
    const changed = await users(['set-password', 'alice', '--password-stdin'], OTHER);
    expect(changed.stdout).toBe('Changed: alice has a new password, and is signed out everywhere.\n');
    expect([await signsIn(PASSWORD), await signsIn(OTHER)]).toEqual([false, true]);
    expect((await users(['delete', 'alice'])).stdout).toBe('Deleted: alice.\n');
    expect(await listed()).toEqual([]);
  });

  it('ask first on a terminal', async () => {
    await alice();
    const no = await runInTerminal(['users', 'disable', 'alice'], [['Shut out alice, and end their sessions?', 'n']], {
      env: server.env,
    });
    expect([no.exitCode, await listed()]).toEqual([8, [expect.objectContaining({ disabled: false })]]);
    const yes = await runInTerminal(
      ['users', 'disable', 'alice'],
      [['Rights: editor of all keys, without secrets', 'y']],
      {
        env: server.env,
      },
    );
    expect([yes.exitCode, await listed()]).toEqual([0, [expect.objectContaining({ disabled: true })]]);
    expect((await runInTerminal(['users', 'delete', 'alice', '--yes'], [], { env: server.env })).exitCode).toBe(0);
  });

  it('say who was probably meant', async () => {
    await alice();
    for (const verb of ['disable', 'enable', 'set-password', 'delete']) {
      const { stdout, stderr, exitCode } = await users([verb, 'alcie']);
      expect([stdout, exitCode, stderr]).toEqual(['', 3, 'Error: There is no user named alcie. Did you mean alice?\n']);
    }
  });
});

describe('what a server keeps', () => {
  it.each([
    ['audit', 'list'],
    ['audit', 'verify'],
    ['audit', 'head'],
    ['audit', 'export'],
    ['keys', 'list'],
    ['keys', 'create', 'a', '--role', 'viewer'],
    ['users', 'disable', 'a'],
  ])('is not asked of a Redis: %s %s says how to name a server', async (...words) => {
    const url = `redis://:hunter2@127.0.0.1:${await freePort()}`;
    const { stdout, stderr, exitCode } = await runMuttctl(words, { env: { REDIS_URL: url } });
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toMatch(
      /^Error: .* kept by a server, and redis:\/\/\*\*\*@\S+ is a Redis \(it comes from REDIS_URL\): name the server with --url http:[^\n]*\n$/,
    );
    expect(stderr).not.toContain('hunter2');
  });

  it('is completed: users, and API keys by what is one word', async () => {
    await alice();
    const { id } = (await server.call('POST', 'keys', { name: 'two words', role: 'viewer' })).json;
    const offered = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await runMuttctl(['complete', '--', ...words], { env: server.env });
      return stdout
        .split('\n')
        .slice(0, -2)
        .map((line) => line.split('\t')[0] ?? '');
    };
    expect(await offered('users', 'disable', 'a')).toEqual(['alice']);
    expect((await offered('keys', 'revoke', '')).toSorted()).toEqual(['admin', String(id)].toSorted());
    expect(await offered('audit', 'v')).toEqual(['verify']);
  });
});
