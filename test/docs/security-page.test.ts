import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { blocksOf } from './blocks.ts';

const bash = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
/** The key that the page revokes. */
const SHOWN_ID = '4f1c2d3e4a5b6c7d';

let server: ServerProcess;
beforeEach(async () => {
  server = await startServerProcess();
});
afterEach(() => server.stop());

/** Runs a line of shell against this test's server; resolves with the JSON that it printed. */
async function runLine(line: string, id = SHOWN_ID): Promise<Record<string, unknown>> {
  const token = /#token=([\w-]{43})/.exec(server.output())?.[1];
  const env = { ...process.env, MUTT_API_KEY: server.apiKey, SIGN_IN_TOKEN: token };
  const command = line
    .replaceAll('http://127.0.0.1:8090', server.url)
    .replaceAll('curl ', 'curl -sS ')
    .replaceAll(SHOWN_ID, id);
  const { stdout } = await bash('bash', ['-c', command], { cwd: root, env });
  return JSON.parse(stdout) as Record<string, unknown>;
}

const linesOf = async (section: string): Promise<string[]> =>
  (await blocksOf('docs/security.md', 'sh', section))
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('curl '));

describe('docs/security.md', { timeout: 120_000 }, () => {
  it('makes, lists and revokes an API key, as shown', async () => {
    const [make = '', list = '', revoke = ''] = await linesOf('API keys');
    const [shown = ''] = await blocksOf('docs/security.md', 'json', 'API keys');
    const made = await runLine(make);
    const id = String(made['id']);
    const expected = JSON.parse(shown) as Record<string, unknown>;
    expect(made).toEqual({
      ...expected,
      id,
      key: expect.stringMatching(new RegExp(`^mutt_${id}_[\\w-]{43}$`)) as string,
    });
    expect(await runLine(list)).toMatchObject({ count: 2 });
    expect(await runLine(revoke, id)).toEqual({ message: `API key revoked: ${id}` });
    expect(await runLine(list)).toMatchObject({ count: 1 });
  });

  it('signs in with the link of the first start, and manages users', async () => {
    const answers: Record<string, unknown>[] = [];
    for (const line of await linesOf('People')) answers.push(await runLine(line));
    expect(answers).toMatchObject([
      { kind: 'user', name: 'admin', role: 'admin' },
      { message: 'User created: alice' },
      { name: 'alice', key_patterns: ['moog_*'], disabled: false },
      { kind: 'user', name: 'alice', role: 'editor', key_patterns: ['moog_*'] },
      { count: 2 },
      { message: 'User deleted: alice' },
    ]);
  });

  it('does the same with muttctl, as shown', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mutt-security-'));
    const password = join(folder, 'password.txt');
    await writeFile(password, 'a password for bob\n');
    const printed: string[] = [];
    const env = { ...process.env, MUTT_CONFIG_URL: server.url, MUTT_API_KEY: server.apiKey };
    const lines = (await blocksOf('docs/security.md', 'sh')).flatMap((block) => block.split('\n'));
    for (const line of lines.filter((one) => one.startsWith('npx muttctl'))) {
      // Without npx, which takes longer than the command.
      const command = line
        .replace('npx muttctl', 'node packages/muttctl/bin/muttctl.js')
        .replace('password.txt', password);
      const { stdout } = await bash('bash', ['-c', command], { cwd: root, env });
      printed.push(stdout);
    }
    await rm(folder, { recursive: true });
    expect(printed).toEqual([
      expect.stringMatching(/^mutt_[0-9a-f]{16}_[\w-]{43}\n$/),
      expect.stringMatching(/ alerter +editor +alerter_\* /),
      expect.stringMatching(/^Revoked: alerter /),
      'Created: bob, viewer of all keys, without secrets.\n',
      expect.stringMatching(/\nbob +viewer +all +- +enabled /),
      'Disabled: bob.\n',
      'Enabled: bob.\n',
      'Deleted: bob.\n',
    ]);
  });
});
