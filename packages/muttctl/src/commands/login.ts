import type { Command } from 'commander';
import { addExamples } from '../connection-options.ts';
import { assertName, Contexts } from '../contexts.ts';
import { Failure } from '../failure.ts';
import { isInteractive, printJson, printLine } from '../output.ts';
import { askSecret, readSecretFromStdin } from '../secret-input.ts';
import { signIn, whoIs, type SignedIn } from '../session-request.ts';
import { localServer, readUrl } from '../target.ts';
import { escapeUnsafe } from '../terminal-text.ts';

interface LoginOptions {
  readonly context?: string;
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly apiKeyStdin?: boolean;
  readonly json?: boolean;
}

export function defineLogin(command: Command): void {
  command
    .argument('[url]', 'http(s)://… of a server (default: the one of the context, or the one on this machine)')
    .option('--context <name>', 'under which name it is kept (default: the one in use, or the host of the URL)')
    .option('-u, --username <name>', 'who signs in (asked for on a terminal)')
    .option('--password-stdin', 'read the password from stdin')
    .option('--api-key-stdin', 'keep the API key that stdin holds, instead of signing in')
    .option('--json', 'print JSON, errors too')
    .option('-q, --quiet', 'print results and errors only')
    .action(login);
  addExamples(
    command,
    {
      'muttctl login https://config.internal': 'asks for the name and the password',
      'muttctl login https://config.internal --context prod': 'under a name of its own',
      'muttctl login http://localhost:8090 --api-key-stdin < key.txt': 'with an API key',
      'muttctl config list --context prod': 'afterwards',
    },
    'What opens the server is kept in a file that only you may read (~/.config/muttctl, or MUTTCTL_HOME), and is sent to that server alone. A session ends after 12 hours without a command, and after 7 days.',
  );
}

async function login(given: string | undefined, options: LoginOptions): Promise<void> {
  const contexts = new Contexts(process.env);
  if (options.context !== undefined) assertName(options.context);
  const named = options.context ?? (given === undefined ? await contexts.current() : null);
  const url = trimmed(given ?? (await urlOf(contexts, named)) ?? localServer(process.env));
  const { kind, location } = readUrl(url, given === undefined ? `context ${named}` : 'The address');
  if (kind === 'redis') {
    throw new Failure(
      'usage',
      'There is nobody to sign in at a Redis: its user and password are in its URL. Give it a name with muttctl context add.',
    );
  }
  if (new URL(url).username !== '') {
    throw new Failure('usage', 'Leave the user out of the URL: pass --username, and the password on stdin.');
  }
  const name = named ?? new URL(url).host.replaceAll(/[^A-Za-z0-9.]+/g, '-').replace(/^-|-$/g, '');
  const session = await open(url, location, options);
  const { token, user, role, expiresAt } = session;
  await contexts.put(name, { url, token, user });
  await contexts.use(name);
  if (options.json) return printJson({ context: name, url, user, role, expires_at: expiresAt });
  printLine(`Signed in at ${location} as ${escapeUnsafe(user)} (${role}). Context ${name} is in use.`);
}

async function urlOf(contexts: Contexts, name: string | null): Promise<string | null> {
  return name !== null && (await contexts.has(name)) ? (await contexts.get(name)).url : null;
}

async function open(url: string, location: string, options: LoginOptions): Promise<SignedIn> {
  const { username, passwordStdin = false, apiKeyStdin = false } = options;
  if (apiKeyStdin) return whoIs(url, await readSecretFromStdin('key'));
  if (!passwordStdin && !isInteractive()) {
    throw new Failure(
      'usage',
      'There is no terminal to ask: pass --username, and the password on stdin with --password-stdin; or an API key with --api-key-stdin.',
    );
  }
  if (passwordStdin && username === undefined) throw new Failure('usage', '--password-stdin goes with --username.');
  const name = username ?? (await askName(location));
  const password = passwordStdin
    ? await readSecretFromStdin('password')
    : await askSecret(`Password of ${escapeUnsafe(name)} at ${location}`);
  return signIn(url, name, password);
}

async function askName(location: string): Promise<string> {
  const { text } = await import('@clack/prompts');
  const validate = (name: string | undefined): string | undefined => (name ? undefined : 'It is not empty.');
  const answer = await text({ message: `User name at ${location}`, validate, output: process.stderr });
  if (typeof answer === 'string') return answer;
  throw new Failure('cancelled', 'Cancelled: nothing was written.');
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
