import { MAX_VALUE_BYTES } from '../change-set.ts';
import { StoreUnavailableError } from '../errors.ts';
import { sameHead } from '../store.ts';
import type { Head, LoggedCommit, Snapshot } from '../store.ts';
import { completeIndexToken } from './lease.ts';
import { Findings } from './findings.ts';
import { decodeValue, findWrongTypes, logAfter, readHead, readKeys, TOO_LARGE } from './read.ts';
import type { ReadContext } from './read.ts';
import type { RedisSession } from './session.ts';
import { decodeIndexed } from './record.ts';
import type { Indexed } from './record.ts';
import { INDEX_MARK, scanEntries, scanHash } from './scan.ts';

/** Asked for at once: small enough that no reply holds up Redis, or this process, for long. */
const CHUNK = { keys: 500, bytes: 2 * 1024 * 1024 };
/** Chunks on their way. A connection with subscriptions is cut when more than 8 MiB stay unread for a minute. */
const WINDOW = 3;
/** Up to here the index is read in one go: a few milliseconds of Redis. */
const INDEX_AT_ONCE = 10_000;
const MOST_ATTEMPTS = 5;
/** How often keys are read again that others wrote meanwhile. */
const MOST_ROUNDS = 3;
/** Keys read again at once: of up to 1 MiB each. */
const AGAIN_AT_ONCE = 5;

export interface LoadContext extends ReadContext {
  /** Opens one more connection, for the caller to end. */
  readonly openAnother: () => Promise<RedisSession>;
  /** The index is believed as to how long values are: false after a load that failed, whatever the reason. */
  readonly trustsLengths: boolean;
}

/** What the index says of each key. */
type Index = ReadonlyMap<string, Indexed>;

/** A key, and how many bytes its value has. */
type Sized = readonly [key: string, bytes: number];

/**
 * All entries at one revision, without ever holding Redis or this process up: read chunk by chunk from a revision on,
 * then brought to one by the log of what was committed meanwhile.
 *
 * Costs by the number of settings while the index is complete; otherwise the whole keyspace is scanned.
 *
 * @param held keys to look at in any case: nobody who holds them takes what was only overlooked for deleted.
 */
export async function loadSnapshot(context: LoadContext, held: Iterable<string>): Promise<Snapshot> {
  const { session, namespace, openAnother } = context;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const before = await readHead(context);
    const token = await completeIndexToken(session, namespace, openAnother);
    const index = await readIndex(context);
    const isComplete = token !== null && (await session.send(['HGET', namespace.index, INDEX_MARK])) === token;
    const keys = isComplete ? indexedKeys(context, index, held) : scannedKeys(context);
    const findings = await readEntries(context, keys, index);
    const head = await catchUp(context, findings, before);
    if (head !== null) return { head, entries: findings.entries, unreadable: findings.unreadable };
  }
  throw new StoreUnavailableError('The namespace began anew each time that it was being loaded; try again.');
}

async function readIndex({ session, namespace }: ReadContext): Promise<Index> {
  const index = new Map<string, Indexed>();
  const add = (fields: readonly string[]): void => {
    for (let n = 0; n < fields.length; n += 2) {
      const key = fields[n] ?? INDEX_MARK;
      if (key !== INDEX_MARK) index.set(key, decodeIndexed(fields[n + 1] ?? ''));
    }
  };
  const size = Number(await session.send(['HLEN', namespace.index]));
  if (size === 0) return index;
  if (size <= INDEX_AT_ONCE) add((await session.send(['HGETALL', namespace.index])) as readonly string[]);
  else for await (const fields of scanHash(session, namespace.index)) add(fields);
  return index;
}

/** The keys of a complete index, and those that are held without being in it. */
async function* indexedKeys(
  context: LoadContext,
  index: Index,
  held: Iterable<string>,
): AsyncGenerator<readonly Sized[]> {
  let batch: Sized[] = [];
  const unmeasured = new Set<string>();
  for (const [key, { bytes }] of index) {
    if (!context.trustsLengths || !Number.isSafeInteger(bytes)) unmeasured.add(key);
    else if (batch.push([key, bytes]) === CHUNK.keys) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
  for (const key of held) if (!index.has(key)) unmeasured.add(key);
  const rest = [...unmeasured];
  for (let start = 0; start < rest.length; start += CHUNK.keys) {
    yield measure(context, rest.slice(start, start + CHUNK.keys));
  }
}

/** All keys, by looking at the whole keyspace; some of them more than once. */
async function* scannedKeys(context: ReadContext): AsyncGenerator<readonly Sized[]> {
  const { session, namespace, onLeftOut } = context;
  for await (const keys of scanEntries(session, namespace, onLeftOut)) yield measure(context, keys);
}

async function measure({ session, namespace }: ReadContext, keys: readonly string[]): Promise<readonly Sized[]> {
  const sizes = await Promise.all(keys.map((key) => session.ask(['STRLEN', namespace.entry(key)])));
  // What is no string has no length: its type is reported when it turns out to have no value.
  return keys.map((key, n) => [key, Number(sizes[n] ?? 0)]);
}

async function readEntries(
  context: ReadContext,
  batches: AsyncIterable<readonly Sized[]>,
  index: Index,
): Promise<Findings> {
  const { session, namespace } = context;
  const findings = new Findings(context);
  const missing: string[] = [];
  const underWay: Promise<void>[] = [];
  const read = async (chunk: readonly string[]): Promise<void> => {
    const values = (await session.send(['MGET', ...chunk.map(namespace.entry)], true)) as readonly (Buffer | null)[];
    for (const [n, value] of values.entries()) {
      const key = chunk[n] ?? '';
      if (value === null) missing.push(key);
      else findings.put(key, decodeValue(value, index.get(key) ?? null));
    }
  };
  for await (const batch of batches) {
    const fitting = batch.filter(([, bytes]) => bytes <= MAX_VALUE_BYTES);
    for (const [key, bytes] of batch) if (bytes > MAX_VALUE_BYTES) findings.put(key, TOO_LARGE);
    for (const chunk of chunksOf(fitting)) {
      const reading = read(chunk);
      // Several may fail; the first one that is waited for is told.
      reading.catch(() => {});
      underWay.push(reading);
      if (underWay.length === WINDOW) await underWay.shift();
    }
  }
  await Promise.all(underWay);
  await findWrongTypes(context, missing, findings);
  return findings;
}

function* chunksOf(keys: readonly Sized[]): Iterable<string[]> {
  let chunk: string[] = [];
  let size = 0;
  for (const [key, bytes] of keys) {
    if (chunk.length > 0 && (chunk.length === CHUNK.keys || size + bytes > CHUNK.bytes)) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(key);
    size += bytes;
  }
  if (chunk.length > 0) yield chunk;
}

/**
 * Brings entries that were read since `before` to one revision: where the namespace stood when the last of them was read.
 * Commits go on meanwhile, and are not run after: whoever loads is told of them. null: the log no longer leads there.
 */
async function catchUp(context: LoadContext, findings: Findings, before: Head): Promise<Head | null> {
  let [at, to] = [before, await readHead(context)];
  for (let round = 0; !sameHead(at, to); round++) {
    const doubtful = new Set<string>();
    for await (const commit of logBetween(context, at, to)) {
      if (commit.previousHash !== at.hash || (at.epoch !== '' && commit.epoch !== at.epoch)) return null;
      overlay(findings, commit, doubtful);
      at = { epoch: commit.epoch, revision: commit.revision, hash: commit.hash };
    }
    if (!sameHead(at, to)) return null;
    // Others write all the time, then. What was read of such a key is no older than this load.
    if (round === MOST_ROUNDS) return at;
    to = (await readAgain(context, findings, [...doubtful])) ?? at;
  }
  return at;
}

/** The commits after one head, up to another. On a connection of its own: Redis cuts one that listens at a large reply. */
async function* logBetween(
  { namespace, openAnother }: LoadContext,
  after: Head,
  to: Head,
): AsyncGenerator<LoggedCommit, void> {
  const session = await openAnother();
  try {
    for await (const commit of logAfter(session, namespace, after.revision)) {
      if (commit.revision > to.revision) return;
      yield commit;
    }
  } finally {
    session.end();
  }
}

/** Applies a commit; notes the keys of which it tells only that somebody wrote them, and not as they were read. */
function overlay(findings: Findings, commit: LoggedCommit, doubtful: Set<string>): void {
  const { revision, changedAtMs, changedBy, source } = commit;
  for (const { key, value } of commit.changes) {
    if (source === 'commit') {
      doubtful.delete(key);
      findings.put(key, value === null ? null : { value, revision, changedAtMs, changedBy });
    } else if ((findings.entries.get(key)?.value ?? null) !== value) {
      // A key that the index did not hold, or that was written again: what others wrote is believed as it is read.
      doubtful.add(key);
    } else if (value !== null) {
      findings.put(key, { value, revision, changedAtMs: null, changedBy: null });
    }
  }
}

/** Takes what these keys hold by now; what is committed up to then is still to come: the head of the last of them. */
async function readAgain(context: ReadContext, findings: Findings, keys: readonly string[]): Promise<Head | null> {
  let last: Head | null = null;
  for (let start = 0; start < keys.length; start += AGAIN_AT_ONCE) {
    const { head, entries, unreadable } = await readKeys(context, keys.slice(start, start + AGAIN_AT_ONCE));
    for (const [key, entry] of entries) findings.put(key, unreadable?.get(key) ?? entry);
    last = head;
  }
  return last;
}
