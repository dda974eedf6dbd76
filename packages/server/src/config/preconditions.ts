import type { IncomingHttpHeaders } from 'node:http';
import { RequestError } from '../errors.ts';

const REVISION = /^"(\d{1,15})"$/;

/** The ETag of an entry: its revision. */
export function revisionTag(revision: number): string {
  return `"${revision}"`;
}

/**
 * The revision at which a key must still be; undefined: whatever it is.
 *
 * `If-Match: "7"` at 7 · `If-None-Match: *` without an entry.
 *
 * @throws RequestError for any other precondition: ignoring one could overwrite what it was to protect.
 */
export function expectedRevision(headers: IncomingHttpHeaders): number | undefined {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match === undefined && noneMatch === undefined) return undefined;
  if (match === undefined && noneMatch === '*') return 0;
  const revision = REVISION.exec(match ?? '')?.[1];
  if (revision !== undefined && noneMatch === undefined) return Number(revision);
  throw new RequestError(
    'request_invalid',
    'A precondition is one of If-Match: "<revision>" (the ETag of the key), or If-None-Match: * (only if it is not set).',
  );
}

/** True when the client already has what the tag names (`If-None-Match` of a GET). */
export function hasAlready(headers: IncomingHttpHeaders, tag: string): boolean {
  const tags = headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return tags !== undefined && (tags.includes('*') || tags.includes(tag));
}
