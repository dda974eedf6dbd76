import type { Command } from 'commander';
import { addExamples } from '../connection-options.ts';
import { Contexts } from '../contexts.ts';
import { Failure } from '../failure.ts';
import { printJson, printLine, printNotice } from '../output.ts';
import { signOut } from '../session-request.ts';

interface LogoutOptions {
  readonly context?: string;
  readonly json?: boolean;
}

export function defineLogout(command: Command): void {
  command
    .option('--context <name>', 'which one (default: the one in use)')
    .option('--json', 'print JSON, errors too')
    .option('-q, --quiet', 'print results and errors only')
    .action(logout);
  addExamples(command, {
    'muttctl logout': 'ends the session, and forgets what opened it; the context stays',
    'muttctl logout --context prod': 'of another one',
  });
}

async function logout(options: LogoutOptions): Promise<void> {
  const contexts = new Contexts(process.env);
  const name = options.context ?? (await contexts.current());
  if (name === null) throw new Failure('usage', 'Nobody is signed in: no context is in use. See: muttctl context list');
  const { token, user: _user, ...rest } = await contexts.get(name);
  await contexts.put(name, rest);
  if (token !== undefined) await end(rest.url, token, options);
  if (options.json) return printJson({ context: name, signed_out: token !== undefined });
  printLine(token === undefined ? `Nobody was signed in in context ${name}.` : `Signed out of context ${name}.`);
}

/** An API key has no session to end, and one that is over needs no end. */
async function end(url: string, token: string, { json = false }: LogoutOptions): Promise<void> {
  try {
    await signOut(url, token);
  } catch (error) {
    const failure = Failure.of(error);
    if (failure.code !== 'store_unavailable') return;
    const fields = { level: 'warn' };
    printNotice(`${failure.message} The session goes on there until nobody has used it for 12 hours.`, {
      json,
      fields,
    });
  }
}
