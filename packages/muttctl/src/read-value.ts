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
