import { Failure } from './failure.ts';
import { isInteractive } from './output.ts';
import { escapeUnsafe } from './terminal-text.ts';

const SHORTEST = 12;
/** More than any password that a server takes. */
const READ_LIMIT_BYTES = 4_096;

/**
 * The password that somebody is to have: typed twice and not shown, or all of stdin without its last newline.
 *
 * @throws Failure
 */
export async function readNewPassword(
  name: string,
  { passwordStdin = false }: { readonly passwordStdin?: boolean },
): Promise<string> {
  if (passwordStdin) return readFromStdin();
  if (isInteractive()) return askTwice(name);
  throw new Failure(
    'usage',
    'There is no terminal to ask for the password: pass it on stdin, with --password-stdin. Arguments are seen by everybody on this machine.',
  );
}

async function readFromStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > READ_LIMIT_BYTES) throw new Failure('usage', 'What stdin holds is too long for a password.');
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, '');
    if (text !== '') return text;
  } catch (cause) {
    throw new Failure('usage', 'What stdin holds is not valid UTF-8.', { cause });
  }
  throw new Failure('usage', 'stdin holds no password.');
}

async function askTwice(name: string): Promise<string> {
  const { password } = await import('@clack/prompts');
  const ask = async (message: string, validate: (text: string | undefined) => string | undefined): Promise<string> => {
    const answer = await password({ message, validate, clearOnError: true, output: process.stderr });
    if (typeof answer === 'string') return answer;
    throw new Failure('cancelled', 'Cancelled: nothing was written.');
  };
  // A server has the last word; this spares the second time.
  const first = await ask(`Password for ${escapeUnsafe(name)}`, (text = '') =>
    text.length < SHORTEST ? `It has at least ${SHORTEST} characters.` : undefined,
  );
  await ask('The same again', (text) => (text === first ? undefined : 'It is not the same. Ctrl-C starts over.'));
  return first;
}
