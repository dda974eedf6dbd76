import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runInTerminal } from '../../../test/in-terminal.ts';
import { runMuttctl, type Outcome } from '../../../test/run-muttctl.ts';
import { startEmbeddedServer, type EmbeddedServer } from '../../../test/start-embedded-server.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly expires_at: string | null;
}

let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer();
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const { id, name } of await listed()) if (name !== 'admin') await server.call('DELETE', `keys/${id}`);
});

const keys = (...args: string[]): Promise<Outcome> => runMuttctl(['keys', ...args], { env: server.env });

async function listed(): Promise<Listed[]> {
  return (await server.call('GET', 'keys')).json['keys'] as Listed[];
}

/** As the server has it; resolves with its id. */
async function made(name: string, rights: object = { role: 'viewer' }): Promise<{ id: string; key: string }> {
  return (await server.call('POST', 'keys', { name, ...rights })).json as { id: string; key: string };
}

const opens = async (key: string): Promise<number> =>
  (await server.call('GET', 'config', undefined, { 'x-api-key': key })).status;

describe('keys create', () => {
  it('prints the key alone on stdout, and what there is to know on stderr', async () => {
    const { stdout, stderr, exitCode } = await keys(
      'create',
      'forwarder',
      '--role',
      'editor',
      '--keys',
      'moog_*,smtp.*',
    );
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^mutt_[0-9a-f]{16}_[\w-]{43}\n$/)]);
    expect(stderr).toMatch(
      /^API key made: forwarder \(id [0-9a-f]{16}\): editor of moog_\*, smtp\.\*, without secrets, for ever\. It is shown this once: keep it\.\n$/,
    );
    expect(await opens(stdout.trim())).toBe(200);
    const quiet = await keys('create', 'quiet', '--role', 'viewer', '--quiet');
    expect(quiet).toMatchObject({ stderr: '', stdout: expect.stringMatching(/^mutt_\S+\n$/) as string });
  });

  it('prints JSON, with the rights and the end that it was given', async () => {
    const before = Date.now();
    const { stdout, stderr } = await keys(
      'create',
      'ci',
      '--role',
      'admin',
      '--no-secrets',
      '--expires',
      '90d',
      '--json',
    );
    const { expires_at: at, ...rest } = JSON.parse(stdout) as { expires_at: string };
    expect(stderr).toBe('');
    expect(rest).toMatchObject({ name: 'ci', role: 'admin', key_patterns: null, secrets: false });
    const days = (Date.parse(at) - before) / 86_400_000;
    expect([Math.round(days), days >= 90]).toEqual([90, true]);
    await keys(
      'create',
      'until',
      '--role',
      'viewer',
      '--secrets',
      '--keys',
      'a*',
      '--keys',
      'b',
      '--expires',
      '2099-01-31',
    );
    expect(await listed()).toContainEqual(
      expect.objectContaining({
        name: 'until',
        key_patterns: ['a*', 'b'],
        secrets: true,
        expires_at: '2099-01-31T00:00:00.000Z',
      }),
    );
  });

  it.each<[readonly string[], number, string]>([
    [['x'], 2, "'--role <role>' not specified"],
    [['x', '--role', 'root'], 2, 'viewer, editor, admin'],
    [['x', '--role', 'viewer', '--expires', 'soon'], 2, 'Give for how long'],
    [['x', '--role', 'viewer', '--expires', '2020-01-01'], 2, 'is in the past'],
    [['x', '--role', 'viewer', '--keys', 'a b'], 2, 'A pattern is made of'],
    [['a/b', '--role', 'viewer'], 2, 'is 1 to 64 characters'],
    [['admin', '--role', 'viewer'], 5, 'There is an API key named admin'],
  ])('refuses %j', async (args, expected, message) => {
    const { stdout, stderr, exitCode } = await keys('create', ...args);
    expect([stdout, exitCode, stderr]).toEqual(['', expected, expect.stringContaining(message)]);
    expect(await listed()).toHaveLength(1);
  });
});

describe('keys list', () => {
  it('is a table, or what the server says as JSON', async () => {
    const { id } = await made('forwarder', {
      role: 'editor',
      key_patterns: ['moog_*'],
      expires_at: '2099-01-31T12:00:00Z',
    });
    const { stdout, stderr, exitCode } = await keys('list');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const [header, admin, forwarder] = stdout.split('\n');
    expect(header).toMatch(/^ID +NAME +ROLE +KEYS +SECRETS +LAST USED +EXPIRES +CREATED +BY$/);
    expect(admin).toMatch(/^[0-9a-f]{16} +admin +admin +all +reads +20\S+ \S+ +never +20\S+ \S+ +\S+$/);
    expect(forwarder).toMatch(
      new RegExp(`^${id} +forwarder +editor +moog_\\* +- +never +2099-01-31 12:00:00 +20\\S+ \\S+ +admin$`),
    );
    expect(JSON.parse((await keys('list', '--json')).stdout)).toMatchObject({
      count: 2,
      keys: expect.arrayContaining([expect.objectContaining({ id })]) as unknown,
    });
  });

  it('is for admins without limits: others hear so from the server', async () => {
    const { key } = await made('reader');
    for (const args of [['list'], ['create', 'b', '--role', 'viewer'], ['revoke', 'reader']]) {
      const { stdout, stderr, exitCode } = await runMuttctl(['keys', ...args], {
        env: { ...server.env, MUTT_API_KEY: key },
      });
      expect({ stdout, stderr, exitCode }).toEqual({
        stdout: '',
        stderr: 'Error: This takes the role admin, and reader has the role viewer.\n',
        exitCode: 5,
      });
    }
  });
});

describe('keys revoke', () => {
  it('ends a key by its name or its id, and asks no script', async () => {
    const [first, second] = [await made('forwarder'), await made('alerter')];
    expect(await keys('revoke', 'forwarder')).toEqual({
      stdout: `Revoked: forwarder (id ${first.id}). What it holds open ends now.\n`,
      stderr: '',
      exitCode: 0,
    });
    const { stdout } = await keys('revoke', second.id, '--json');
    expect(JSON.parse(stdout)).toEqual({ revoked: second.id, name: 'alerter' });
    expect([await opens(first.key), await opens(second.key)]).toEqual([401, 401]);
  });

  it('asks on a terminal, unless --yes is given', async () => {
    const { id, key } = await made('forwarder', { role: 'admin' });
    const question = `Revoke forwarder (id ${id}) for good?`;
    const asked = await runInTerminal(['keys', 'revoke', 'forwarder'], [[question, 'n']], { env: server.env });
    expect([asked.exitCode, asked.screen]).toEqual([8, expect.stringContaining('Cancelled')]);
    expect(asked.screen).not.toContain('you are using');
    expect(await listed()).toHaveLength(2);
    const env = { ...server.env, MUTT_API_KEY: key };
    const own = await runInTerminal(['keys', 'revoke', 'forwarder'], [['that you are using now', 'y']], { env });
    expect([own.exitCode, await listed()]).toEqual([0, [expect.objectContaining({ name: 'admin' })]]);
    await made('again');
    expect((await runInTerminal(['keys', 'revoke', 'again', '--yes'], [], { env: server.env })).exitCode).toBe(0);
  });

  it('says which key was probably meant, and never repeats one', async () => {
    const { id, key } = await made('forwarder');
    const typo = await keys('revoke', 'forwrader');
    expect([typo.exitCode, typo.stderr]).toEqual([3, expect.stringContaining('Did you mean forwarder?')]);
    const unknown = await keys('revoke', 'zzz\u001b[2J', '--json');
    expect([unknown.exitCode, JSON.parse(unknown.stderr)]).toEqual([3, expect.objectContaining({ code: 'not_found' })]);
    expect((await keys('revoke', 'zzz\u001b[2J')).stderr).toContain('zzz\\u{1b}[2J. Run muttctl keys list');
    const whole = await keys('revoke', key);
    expect([whole.exitCode, whole.stderr]).toEqual([2, expect.stringContaining(`Its id is ${id}.`)]);
    expect(whole.stderr).not.toContain(key);
    expect(await listed()).toHaveLength(2);
  });

  it('leaves the last admin key, as the server does', async () => {
    const { stderr, exitCode } = await keys('revoke', 'admin', '--json');
    expect([exitCode, JSON.parse(stderr)]).toEqual([5, expect.objectContaining({ code: 'last_admin' })]);
  });
});
