import { Failure } from './failure.ts';
import { isInteractive } from './output.ts';
import { askSecret, readSecretFromStdin } from './secret-input.ts';
import { escapeUnsafe } from './terminal-text.ts';

const SHORTEST = 12;

/**
 * The password that somebody is to have: typed twice and not shown, or all of stdin without its last newline.
 *
 * @throws Failure
 */
export async function readNewPassword(
  name: string,
  { passwordStdin = false }: { readonly passwordStdin?: boolean },
): Promise<string> {
  if (passwordStdin) return readSecretFromStdin('password');
  if (isInteractive()) return askTwice(name);
  throw new Failure(
    'usage',
    'There is no terminal to ask for the password: pass it on stdin, with --password-stdin. Arguments are seen by everybody on this machine.',
  );
}

async function askTwice(name: string): Promise<string> {
  // A server has the last word; this spares the second time.
  const first = await askSecret(`Password for ${escapeUnsafe(name)}`, (text = '') =>
    text.length < SHORTEST ? `It has at least ${SHORTEST} characters.` : undefined,
  );
  await askSecret('The same again', (text) => (text === first ? undefined : 'It is not the same. Ctrl-C starts over.'));
  return first;
}
