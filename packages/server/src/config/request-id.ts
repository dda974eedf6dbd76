import type { IncomingHttpHeaders } from 'node:http';
import { InvalidOptionError } from '@mutt/dynamic-config';
import { RequestError } from '../errors.ts';

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * The id under which a change is applied once, however often it is sent: the header `Idempotency-Key`.
 *
 * @throws RequestError
 */
export function requestIdOf(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['idempotency-key'];
  if (id === undefined) return undefined;
  if (typeof id === 'string' && REQUEST_ID.test(id)) return id;
  throw new RequestError('request_invalid', 'Idempotency-Key is one id of 1 to 128 visible ASCII characters.');
}

/**
 * Commits under the id that the client chose.
 *
 * @throws RequestError when the id stands for other changes.
 */
export async function commitOnce<T>(requestId: string | undefined, commit: () => Promise<T>): Promise<T> {
  try {
    return await commit();
  } catch (cause) {
    // The request was checked before: of its options, only the id can still be wrong.
    if (requestId === undefined || !(cause instanceof InvalidOptionError)) throw cause;
    throw new RequestError(
      'request_id_reused',
      `The request id ${requestId} was already used, for other changes: nothing was written. Take a new one for each change.`,
      { cause },
    );
  }
}
