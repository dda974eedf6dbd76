import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runMuttctl } from '../test/run-muttctl.ts';

describe('muttctl', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await runMuttctl(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', exitCode: 0 });
  });

  it.each(['get', 'set', 'list', 'delete', 'watch', 'init', 'docs'])(
    'has help with examples for config %s, asked for in either way',
    async (verb) => {
      const asOption = await runMuttctl(['config', verb, '--help']);
      expect(asOption).toMatchObject({ stderr: '', exitCode: 0 });
      expect(asOption.stdout).toContain(`Usage: muttctl config ${verb}`);
      expect(asOption.stdout).toContain('--url <url>');
      expect(asOption.stdout).toContain('Examples:');
      expect(await runMuttctl(['help', 'config', verb])).toEqual(asOption);
    },
  );

  it.each([
    ['an unknown command', ['conf'], "Unknown command 'conf'. Did you mean config? See: muttctl --help"],
    [
      'an unknown verb',
      ['config', 'gett', 'k'],
      "Unknown command 'gett'. Did you mean get? See: muttctl config --help",
    ],
    [
      'an unknown option',
      ['config', 'get', 'k', '--defualt', '1'],
      "Unknown option '--defualt'. Did you mean --default? See: muttctl config get --help",
    ],
    ['a missing argument', ['config', 'get'], "Missing required argument 'key'. See: muttctl config get --help"],
    ['too many arguments', ['config', 'get', 'a', 'b'], 'Too many arguments for'],
    [
      'a missing value',
      ['config', 'set', 'k'],
      'Missing the value: muttctl config set k <value>, or --stdin to read it from stdin.',
    ],
    [
      'two values',
      ['config', 'set', 'k', 'v', '--stdin'],
      'Give the value either as an argument or with --stdin, not both.',
    ],
    [
      'a revision that is none',
      ['config', 'set', 'k', 'v', '--if-revision', '1e3'],
      "Option '--if-revision <n>' argument '1e3' is invalid. It is a whole number from 0.",
    ],
    ['a pattern of another kind', ['config', 'list', '[a-z]'], 'A pattern is made of'],
    [
      'a URL of another kind',
      ['config', 'list', '--url', 'mysql://host'],
      '--url must be a URL that starts with redis://',
    ],
    [
      'a prefix for a server',
      ['config', 'list', '--url', 'http://host', '--prefix', 'p'],
      '--prefix is for redis:// targets',
    ],
    ['a Redis database that is none', ['config', 'list', '--url', 'redis://host:6379/x'], 'redis://'],
    ['a password that is not encoded', ['config', 'list', '--url', 'redis://:%zz@host'], 'percent-encoded'],
    ['an escape sequence', ['\u001b[2J'], "Unknown command '\\u{1b}[2J'. See: muttctl --help"],
    [
      'a password in the wrong place',
      ['redis://:hunter2@host'],
      "Unknown command 'redis://***@host'. See: muttctl --help",
    ],
  ])('ends with 2 on %s, with one line on stderr', async (_, args, message) => {
    const { stdout, stderr, exitCode } = await runMuttctl(args);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toMatch(/^Error: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });

  it.runIf(existsSync('/dev/full'))('ends with 1 and one sentence when its output cannot be written', () => {
    for (const args of [['--version'], ['help'], ['config', 'get', '--help']]) {
      const full = openSync('/dev/full', 'w');
      const main = fileURLToPath(new URL('main.ts', import.meta.url));
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--conditions=@mutt/source', '--import', 'tsx', main, ...args],
        { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' },
      );
      closeSync(full);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringMatching(/^Error: The output cannot be written: ENOSPC[^\n]*\n$/) as string,
      });
    }
  });

  it('says the same as JSON when asked to', async () => {
    const { stdout, stderr, exitCode } = await runMuttctl(['config', 'get', '--json']);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(JSON.parse(stderr)).toEqual({
      error: "Missing required argument 'key'. See: muttctl config get --help",
      code: 'usage',
    });
  });

  it.each([[[]], [['config']]])('shows what there is, as a wrong usage, for %j', async (args) => {
    const { stdout, stderr, exitCode } = await runMuttctl(args);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toContain('Usage: muttctl');
  });
});
