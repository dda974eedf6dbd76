import type { Readable } from 'node:stream';
import { Failure } from './failure.ts';

/** A little over what the library allows: enough for it to refuse, without reading an endless stream. */
const READ_LIMIT_BYTES = 1024 * 1024 + 1;

/** All that a stream holds as a value, byte for byte: no newline is cut off, no byte order mark either. */
export async function readValue(stream: Readable, key: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= READ_LIMIT_BYTES) {
      throw new Failure(
        'value_invalid',
        `Invalid value for ${key}: a value is at most 1 MiB of UTF-8, and stdin holds more.`,
      );
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new Failure('value_invalid', `Invalid value for ${key}: stdin is not valid UTF-8.`, { cause });
  }
}

/** @throws Failure for an argument that has lost bytes on its way here. */
export function assertIntact(key: string, argument: string): void {
  // Node decodes arguments leniently: bytes that are no UTF-8 have become this by now.
  if (!argument.includes('\ufffd')) return;
  throw new Failure(
    'value_invalid',
    `Invalid value for ${key}: it holds U+FFFD, which is what arguments that are not valid UTF-8 turn into. If it is meant, pass it with --stdin of config set.`,
  );
}
