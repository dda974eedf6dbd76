import type { Commit, CommitOptions, Change, Entry, Head, LoggedCommit } from '../store.ts';
import { NO_HEAD } from '../store.ts';

/** The body of a record: what the caller said. The script never looks inside. */
export interface Body {
  readonly by: string | null;
  readonly why: string | null;
  readonly request: string | null;
  /** Left out where there is none, as older writers do. */
  readonly correlation?: string;
  readonly changes: readonly (readonly [key: string, value: string | null])[];
}

export function toBody(changes: readonly Change[], options: CommitOptions): Body {
  return {
    by: options.changedBy,
    why: options.reason,
    request: options.requestId,
    ...(options.correlationId != null && { correlation: options.correlationId }),
    changes: changes.map(({ key, value }) => [key, value]),
  };
}

/** A message on `P@changes`. Throws when it is none of ours. */
export function decodeAnnouncement(message: string): Commit {
  const end = message.indexOf('\n');
  return toCommit(message.slice(0, end), JSON.parse(message.slice(end + 1)) as Body);
}

/** The fields of an entry of `P@log`. */
export function decodeRecord(header: string, body: string, previous: string): LoggedCommit {
  return toLoggedCommit(header, JSON.parse(body) as Body, previous);
}

export function toLoggedCommit(header: string, body: Body, previous: string): LoggedCommit {
  return { ...toCommit(header, body), previousValues: JSON.parse(previous) as (string | null)[] };
}

function toCommit(header: string, body: Body): Commit {
  const [epoch, revision, changedAtMs, previousHash, hash] = header.split(' ');
  if (!epoch || !previousHash || !hash || !Number.isSafeInteger(Number(revision))) {
    throw new SyntaxError(`Not the header of a commit: ${JSON.stringify(header.slice(0, 80))}`);
  }
  return {
    epoch,
    revision: Number(revision),
    hash,
    previousHash: previousHash === '-' ? '' : previousHash,
    changes: body.changes.map(([key, value]) => ({ key, value })),
    changedAtMs: Number(changedAtMs),
    changedBy: body.by,
    reason: body.why,
    source: body.by === null ? 'out-of-band' : 'commit',
    requestId: body.request,
    correlationId: body.correlation ?? null,
  };
}

/** The reply of `HMGET P@head epoch revision hash`; null when it is not what we wrote there. */
export function decodeHead([epoch, revision, hash]: readonly (string | null)[]): Head | null {
  if (epoch === null && revision === null && hash === null) return NO_HEAD;
  if (!epoch || !hash || !/^\d{1,15}$/.test(revision ?? '')) return null;
  return { epoch, revision: Number(revision), hash };
}

/** What the index says of a key. */
export interface Indexed {
  readonly revision: number;
  readonly changedAtMs: number;
  readonly digest: string;
  /** Of the value, in UTF-8. */
  readonly bytes: number;
  /** null: out of band. */
  readonly changedBy: string | null;
}

export function decodeIndexed(text: string): Indexed {
  const [revision = '', changedAtMs = '', digest = '', bytes = ''] = text.split(' ', 4);
  const start = revision.length + changedAtMs.length + digest.length + bytes.length + 4;
  return {
    revision: Number(revision),
    changedAtMs: Number(changedAtMs),
    digest,
    bytes: Number(bytes),
    changedBy: text.slice(start) || null,
  };
}

/** An entry; what the index says of it is believed only while its digest is that of the value. */
export function toEntry(value: string, indexed: Indexed | null, sha1: (text: string) => string): Entry {
  if (indexed === null) return { value, revision: 0, changedAtMs: null, changedBy: null };
  const { revision, changedAtMs, changedBy, digest } = indexed;
  const isOurs = changedBy !== null && sha1(value) === digest;
  return { value, revision, changedAtMs: isOurs ? changedAtMs : null, changedBy: isOurs ? changedBy : null };
}
