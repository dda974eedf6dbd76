import { hash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { MAX_VALUE_BYTES } from '../change-set.ts';
import { StoreUnavailableError, WrongTypeError } from '../errors.ts';
import { sameHead } from '../store.ts';
import type { Entry, Head, LoggedCommit, Reading, Snapshot } from '../store.ts';
import { isIndexComplete } from './lease.ts';
import type { RedisNamespace } from './namespace.ts';
import { decodeHead, decodeIndexed, decodeRecord, toEntry } from './record.ts';
import type { Indexed } from './record.ts';
import type { RedisSession, Reply } from './session.ts';

/** Asked for at once: small enough that no reply holds up Redis, or this process, for long. */
const CHUNK = { keys: 500, bytes: 2 * 1024 * 1024 };
/** Chunks on their way. A connection with subscriptions is cut when more than 8 MiB stay unread for a minute. */
const WINDOW = 3;
const SCAN_COUNT = '1000';
/** Up to here the index is read in one go: a few milliseconds of Redis. */
const INDEX_AT_ONCE = 10_000;
const MOST_ATTEMPTS = 5;
/** Commits read at once. */
const LOG_PAGE = 500;
const TOO_LARGE = 'its value is larger than 1 MiB';

/** Told of a Redis key under the prefix that is left out, and why. */
type OnLeftOut = (redisKey: string, why: string) => void;

/** What each reader of a namespace needs. */
export interface LoadContext {
  readonly session: RedisSession;
  readonly namespace: RedisNamespace;
  readonly onLeftOut: OnLeftOut;
  /** Keys to look at beyond those of a complete index; null: all of them. */
  readonly unrecorded: ReadonlySet<string> | null;
}

/** What the index says of each key. */
type Index = ReadonlyMap<string, Indexed>;

/**
 * All entries at one revision, without ever holding Redis up: read chunk by chunk from a revision on, then brought to
 * one by the log of what was committed meanwhile.
 *
 * Costs by the number of settings while the index is complete; otherwise the whole keyspace is scanned.
 */
export async function loadSnapshot(context: LoadContext): Promise<Snapshot> {
  const { session, namespace } = context;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const [before, lease] = await Promise.all([readHead(context), session.send(['GET', namespace.keeper])]);
    const isComplete =
      context.unrecorded !== null && (await isIndexComplete(session, namespace, lease as string | null));
    const index = await readIndex(context);
    const keys = isComplete ? new Set([...index.keys(), ...(context.unrecorded ?? [])]) : await findKeys(context);
    const entries = await readEntries(context, await measure(context, keys, isComplete ? index : null), index);
    const head = await catchUp(context, entries, before);
    if (head !== null) return { head, entries };
  }
  throw new StoreUnavailableError('The namespace began anew each time that it was being loaded; try again.');
}

/** Some entries, atomically with the head. Each value is read up to the limit only, whatever somebody put there. */
export async function readKeys(context: LoadContext, keys: readonly string[]): Promise<Reading> {
  const { session, namespace } = context;
  const replies = await session.transaction(
    [
      headCommand(namespace),
      ['HMGET', namespace.index, ...keys],
      ...keys.flatMap((key) => [
        ['TYPE', namespace.entry(key)],
        ['GETRANGE', namespace.entry(key), '0', String(MAX_VALUE_BYTES)],
      ]),
    ],
    { raw: true, forgivesType: true },
  );
  // No string has a wrong type, but the index may.
  if (replies[1] === null) await session.send(['HLEN', namespace.index]);
  const indexed = texts(replies[1]);
  const entries = new Map<string, Entry | null>();
  for (const [n, key] of keys.entries()) {
    const [type, value] = replies.slice(2 + 2 * n);
    entries.set(key, decodeTyped(context, key, String(type), value as Buffer, indexed[n] ?? null));
  }
  return { head: toHead(context, replies[0]), entries };
}

function decodeTyped(
  context: LoadContext,
  key: string,
  type: string,
  value: Buffer,
  indexed: string | null,
): Entry | null {
  if (type === 'string') return decodeValue(context, key, value, indexed === null ? null : decodeIndexed(indexed));
  if (type !== 'none') context.onLeftOut(context.namespace.entry(key), `it is a ${type}, not a string`);
  return null;
}

export async function readHead(context: LoadContext): Promise<Head> {
  return toHead(context, await context.session.send(headCommand(context.namespace)));
}

/** @throws WrongTypeError */
function toHead({ namespace }: LoadContext, reply: Reply | undefined): Head {
  const head = decodeHead(texts(reply));
  if (head !== null) return head;
  throw new WrongTypeError(
    `The Redis hash ${namespace.head} does not hold what it must (epoch, revision, hash). Delete it, and a new epoch begins.`,
  );
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

/** The keys of all entries, batch by batch, by looking at the whole keyspace; some of them more than once. */
export async function* scanEntries(
  session: RedisSession,
  namespace: RedisNamespace,
  onLeftOut: OnLeftOut = () => {},
): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const reply = await session.send(['SCAN', cursor, 'MATCH', namespace.entryPattern, 'COUNT', SCAN_COUNT]);
    const [next, found] = reply as readonly [string, readonly string[]];
    const keys: string[] = [];
    for (const redisKey of found) {
      const key = namespace.keyOf(redisKey);
      if (key === null) onLeftOut(redisKey, 'its name breaks the rule for keys');
      else keys.push(key);
    }
    if (keys.length > 0) yield keys;
    cursor = next;
  } while (cursor !== '0');
}

/** The keys of the index, batch by batch. */
export async function* scanIndex(
  session: RedisSession,
  { index }: RedisNamespace,
): AsyncGenerator<readonly string[], void> {
  for await (const fields of scanHash(session, index)) yield fields.filter((_, n) => n % 2 === 0);
}

/** Fields and values of a hash, in turn, batch by batch. */
async function* scanHash(session: RedisSession, key: string): AsyncGenerator<readonly string[], void> {
  let cursor = '0';
  do {
    const reply = await session.send(['HSCAN', key, cursor, 'COUNT', String(CHUNK.keys)]);
    const [next, fields] = reply as readonly [string, readonly string[]];
    if (fields.length > 0) yield fields;
    cursor = next;
  } while (cursor !== '0');
}

async function findKeys({ session, namespace, onLeftOut }: LoadContext): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const batch of scanEntries(session, namespace, onLeftOut)) for (const key of batch) keys.add(key);
  return keys;
}

async function readIndex({ session, namespace }: LoadContext): Promise<Index> {
  const index = new Map<string, Indexed>();
  const add = (fields: readonly string[]): void => {
    for (let n = 0; n < fields.length; n += 2) index.set(fields[n] ?? '', decodeIndexed(fields[n + 1] ?? ''));
  };
  const size = Number(await session.send(['HLEN', namespace.index]));
  if (size === 0) return index;
  if (size <= INDEX_AT_ONCE) add((await session.send(['HGETALL', namespace.index])) as readonly string[]);
  else for await (const fields of scanHash(session, namespace.index)) add(fields);
  return index;
}

/** The sizes of values, in bytes: from an index that is complete, or by asking. */
async function measure(
  { session, namespace }: LoadContext,
  keys: ReadonlySet<string>,
  index: Index | null,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const unknown: string[] = [];
  for (const key of keys) {
    const bytes = index?.get(key)?.bytes;
    if (bytes === undefined) unknown.push(key);
    else sizes.set(key, bytes);
  }
  for (let start = 0; start < unknown.length; start += CHUNK.keys) {
    const chunk = unknown.slice(start, start + CHUNK.keys);
    const asked = chunk.map((key) => session.ask(['STRLEN', namespace.entry(key)]));
    // What is no string has no length: its type is reported when it has no value.
    for (const [n, size] of (await Promise.all(asked)).entries()) sizes.set(chunk[n] ?? '', Number(size ?? 0));
  }
  return sizes;
}

function* chunksOf(sizes: ReadonlyMap<string, number>): Iterable<string[]> {
  let chunk: string[] = [];
  let bytes = 0;
  for (const [key, size] of sizes) {
    if (chunk.length === CHUNK.keys || (bytes + size > CHUNK.bytes && chunk.length > 0)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(key);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

async function readEntries(
  context: LoadContext,
  sizes: ReadonlyMap<string, number>,
  index: Index,
): Promise<Map<string, Entry>> {
  const { session, namespace, onLeftOut } = context;
  const entries = new Map<string, Entry>();
  const fitting = new Map<string, number>();
  for (const [key, size] of sizes) {
    if (size <= MAX_VALUE_BYTES) fitting.set(key, size);
    else onLeftOut(namespace.entry(key), TOO_LARGE);
  }
  const missing: string[] = [];
  const asked: (() => Promise<void>)[] = [];
  for (const chunk of chunksOf(fitting)) {
    const reply = session.send(['MGET', ...chunk.map(namespace.entry)], true);
    asked.push(async () => {
      for (const [n, value] of ((await reply) as readonly (Buffer | null)[]).entries()) {
        const key = chunk[n] ?? '';
        const entry = value === null ? null : decodeValue(context, key, value, index.get(key) ?? null);
        if (entry !== null) entries.set(key, entry);
        else if (value === null) missing.push(key);
      }
    });
    if (asked.length === WINDOW) await asked.shift()?.();
  }
  for (const take of asked) await take();
  await reportWrongTypes(context, missing);
  return entries;
}

/** A key that was found and has no value was deleted since, or is no string. */
async function reportWrongTypes(
  { session, namespace, onLeftOut }: LoadContext,
  keys: readonly string[],
): Promise<void> {
  const types = await Promise.all(keys.map((key) => session.send(['TYPE', namespace.entry(key)])));
  for (const [n, type] of types.entries()) {
    if (type !== 'none' && type !== 'string')
      onLeftOut(namespace.entry(keys[n] ?? ''), `it is a ${String(type)}, not a string`);
  }
}

/** An entry, from what Redis holds and what the index says of it; null where it breaks the rule for values. */
function decodeValue(
  { namespace, onLeftOut }: LoadContext,
  key: string,
  value: Buffer,
  indexed: Indexed | null,
): Entry | null {
  const isTooLarge = value.length > MAX_VALUE_BYTES;
  if (!isTooLarge && isUtf8(value)) return toEntry(value.toString(), indexed, sha1);
  onLeftOut(namespace.entry(key), isTooLarge ? TOO_LARGE : 'its value is not UTF-8');
  return null;
}

/** The head, and the commits from `before` up to it, read at one moment. */
async function readSince(context: LoadContext, before: Head): Promise<[Head, LoggedCommit[]]> {
  const { session, namespace } = context;
  const replies = await session.transaction([
    headCommand(namespace),
    ['XRANGE', namespace.log, `(${before.revision}`, '+', 'COUNT', String(LOG_PAGE)],
  ]);
  return [toHead(context, replies[0]), decodeLog(replies[1])];
}

/** Brings entries that were read since `before` to one revision; null when the log no longer leads from there. */
async function catchUp(context: LoadContext, entries: Map<string, Entry>, before: Head): Promise<Head | null> {
  for (let at = before; ;) {
    const [head, commits] = await readSince(context, at);
    if (sameHead(at, head)) return head;
    for (const commit of commits) {
      if (commit.previousHash !== at.hash || (at.epoch !== '' && commit.epoch !== at.epoch)) return null;
      overlay(entries, commit);
      at = { epoch: commit.epoch, revision: commit.revision, hash: commit.hash };
    }
    if (commits.length === 0) return null;
  }
}

function overlay(entries: Map<string, Entry>, commit: LoggedCommit): void {
  const { revision, changedAtMs, changedBy, source } = commit;
  for (const { key, value } of commit.changes) {
    if (source === 'commit') {
      if (value === null) entries.delete(key);
      else entries.set(key, { value, revision, changedAtMs, changedBy });
    } else if (value !== null && entries.get(key)?.value === value) {
      // What others wrote is believed as it was read; the log only says at which revision it was found.
      entries.set(key, { value, revision, changedAtMs: null, changedBy: null });
    }
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
  return hash('sha1', text, 'hex');
}
