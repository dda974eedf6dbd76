import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { StoreUnavailableError } from '../errors.ts';
import { sameHead } from '../store.ts';
import type { Entry, Head, LoggedCommit, Reading, Snapshot } from '../store.ts';
import type { RedisNamespace } from './namespace.ts';
import { decodeHead, decodeRecord, toEntry } from './record.ts';
import type { RedisSession, Reply } from './session.ts';

/** Keys asked for at once: small enough that no reply holds up Redis, or this process, for long. */
const CHUNK = 500;
const SCAN_COUNT = '1000';
const MOST_ATTEMPTS = 5;

/** Told of a Redis key under the prefix that is left out, and why. */
type OnSkipped = (redisKey: string, why: string) => void;

/** What each reader of a namespace needs. */
export interface LoadContext {
  readonly session: RedisSession;
  readonly namespace: RedisNamespace;
  readonly onSkipped: OnSkipped;
}

/**
 * All entries at one revision, without ever holding Redis up: read chunk by chunk from a revision on, then brought to
 * one by the log of what was committed meanwhile.
 */
export async function loadSnapshot(context: LoadContext): Promise<Snapshot> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const before = await readHead(context);
    const entries = await readEntries(context, await scanKeys(context));
    const [head, commits] = await readSince(context, before);
    if (!leadsFrom(before, commits, head)) continue;
    for (const commit of commits) overlay(entries, commit);
    return { head, entries };
  }
  throw new StoreUnavailableError('The namespace began anew each time that it was being loaded; try again.');
}

/** Some entries, atomically with the head. */
export async function readKeys(context: LoadContext, keys: readonly string[]): Promise<Reading> {
  const { session, namespace } = context;
  const replies = await session.transaction(
    [headCommand(namespace), ['MGET', ...keys.map((key) => namespace.entry(key))], ['HMGET', namespace.index, ...keys]],
    true,
  );
  const entries = new Map<string, Entry | null>();
  decodeEntries(context, keys, replies[1], replies[2], (key, entry) => entries.set(key, entry));
  return { head: decodeHead(texts(replies[0])), entries };
}

export async function readHead({ session, namespace }: LoadContext): Promise<Head> {
  return decodeHead(texts(await session.send(headCommand(namespace))));
}

/** At most `limit` records of the log after a revision, in order. */
export async function readLog(
  { session, namespace }: LoadContext,
  afterRevision: number,
  limit: number,
): Promise<LoggedCommit[]> {
  return decodeLog(await session.send(['XRANGE', namespace.log, `(${afterRevision}`, '+', 'COUNT', String(limit)]));
}

function headCommand({ head }: RedisNamespace): string[] {
  return ['HMGET', head, 'epoch', 'revision', 'hash'];
}

async function scanKeys({ session, namespace, onSkipped }: LoadContext): Promise<string[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const reply = await session.send(['SCAN', cursor, 'MATCH', namespace.entryPattern, 'COUNT', SCAN_COUNT]);
    const [next, found] = reply as readonly [string, readonly string[]];
    for (const redisKey of found) {
      const key = namespace.keyOf(redisKey);
      if (key === null) onSkipped(redisKey, 'its name breaks the rule for keys');
      else keys.add(key);
    }
    cursor = next;
  } while (cursor !== '0');
  return [...keys];
}

async function readEntries(context: LoadContext, keys: readonly string[]): Promise<Map<string, Entry>> {
  const { session, namespace } = context;
  const entries = new Map<string, Entry>();
  for (let start = 0; start < keys.length; start += CHUNK) {
    const chunk = keys.slice(start, start + CHUNK);
    const [values, indexed] = await Promise.all([
      session.send(['MGET', ...chunk.map((key) => namespace.entry(key))], true),
      session.send(['HMGET', namespace.index, ...chunk], true),
    ]);
    const missing: string[] = [];
    decodeEntries(context, chunk, values, indexed, (key, entry) => {
      if (entry === null) missing.push(key);
      else entries.set(key, entry);
    });
    await reportWrongTypes(context, missing);
  }
  return entries;
}

/** A key that was found and has no value was deleted since, or is no string. */
async function reportWrongTypes(
  { session, namespace, onSkipped }: LoadContext,
  keys: readonly string[],
): Promise<void> {
  const types = await Promise.all(keys.map((key) => session.send(['TYPE', namespace.entry(key)])));
  for (const [n, type] of types.entries()) {
    if (type !== 'none' && type !== 'string')
      onSkipped(namespace.entry(keys[n] ?? ''), `it is a ${String(type)}, not a string`);
  }
}

function decodeEntries(
  { namespace, onSkipped }: LoadContext,
  keys: readonly string[],
  values: Reply | undefined,
  indexed: Reply | undefined,
  onEntry: (key: string, entry: Entry | null) => void,
): void {
  const meta = texts(indexed);
  for (const [n, value] of (values as readonly (Buffer | null)[]).entries()) {
    const key = keys[n] ?? '';
    if (value !== null && !isUtf8(value)) onSkipped(namespace.entry(key), 'its value is not UTF-8');
    const isEntry = value !== null && isUtf8(value);
    onEntry(key, isEntry ? toEntry(value.toString(), meta[n] ?? null, sha1) : null);
  }
}

/** The head, and the commits from `before` up to it, read at one moment. */
async function readSince({ session, namespace }: LoadContext, before: Head): Promise<[Head, LoggedCommit[]]> {
  const replies = await session.transaction([
    headCommand(namespace),
    ['XRANGE', namespace.log, `(${before.revision}`, '+'],
  ]);
  return [decodeHead(texts(replies[0])), decodeLog(replies[1])];
}

function leadsFrom(before: Head, commits: readonly LoggedCommit[], head: Head): boolean {
  if (sameHead(before, head)) return true;
  const first = commits[0];
  if (first === undefined || head.epoch !== (before.epoch || first.epoch)) return false;
  return first.previousHash === before.hash && commits.length === head.revision - before.revision;
}

function overlay(entries: Map<string, Entry>, commit: LoggedCommit): void {
  const { revision, changedAtMs, changedBy, source } = commit;
  for (const { key, value } of commit.changes) {
    if (value === null) entries.delete(key);
    else if (source === 'commit') entries.set(key, { value, revision, changedAtMs, changedBy });
    else entries.set(key, { value, revision, changedAtMs: null, changedBy: null });
  }
}

function decodeLog(reply: Reply | undefined): LoggedCommit[] {
  return (reply as readonly (readonly [string, readonly string[]])[]).map(([, fields]) => {
    const [, header = '', , body = '', , previous = ''] = fields;
    return decodeRecord(header, body, previous);
  });
}

function texts(reply: Reply | undefined): (string | null)[] {
  return (reply as readonly (string | Buffer | null)[]).map((text) => (text === null ? null : text.toString()));
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
