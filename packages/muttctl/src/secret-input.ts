import { Failure } from './failure.ts';

/** More than any password or key that a server takes. */
const READ_LIMIT_BYTES = 4_096;

/**
 * All of stdin, without its last newline.
 *
 * @param what it holds, such as `password`.
 * @throws Failure
 */
export async function readSecretFromStdin(what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > READ_LIMIT_BYTES) throw new Failure('usage', `What stdin holds is too long for a ${what}.`);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, '');
    if (text !== '') return text;
  } catch (cause) {
    throw new Failure('usage', 'What stdin holds is not valid UTF-8.', { cause });
  }
  throw new Failure('usage', `stdin holds no ${what}.`);
}

/**
 * Asks at the terminal for what is not to be shown there.
 *
 * @throws Failure when it was cancelled.
 */
export async function askSecret(
  message: string,
  validate: (text: string | undefined) => string | undefined = () => undefined,
): Promise<string> {
  const { password } = await import('@clack/prompts');
  const answer = await password({ message, validate, clearOnError: true, output: process.stderr });
  if (typeof answer === 'string') return answer;
  throw new Failure('cancelled', 'Cancelled: nothing was written.');
}
