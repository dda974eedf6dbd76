import { hash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { MAX_VALUE_BYTES } from '../change-set.ts';
import { WrongTypeError } from '../errors.ts';
import type { Entry, Head, LoggedCommit, Reading } from '../store.ts';
import { Findings } from './findings.ts';
import type { Found } from './findings.ts';
import type { RedisNamespace } from './namespace.ts';
import { decodeHead, decodeIndexed, decodeRecord, toEntry } from './record.ts';
import type { Indexed } from './record.ts';
import type { RedisSession, Reply } from './session.ts';

export const TOO_LARGE = 'its value is larger than 1 MiB';

/** Told of a Redis key under the prefix that is left out, and why. */
export type OnLeftOut = (redisKey: string, why: string) => void;

/** What each reader of a namespace needs. */
export interface ReadContext {
  readonly session: RedisSession;
  readonly namespace: RedisNamespace;
  readonly onLeftOut: OnLeftOut;
}

/** Some entries, atomically with the head. Each value is read up to the limit only, whatever somebody put there. */
export async function readKeys(context: ReadContext, keys: readonly string[]): Promise<Reading> {
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
  const findings = new Findings(context);
  for (const [n, key] of keys.entries()) {
    const [type, value] = replies.slice(2 + 2 * n);
    findings.put(key, decodeTyped(String(type), value as Buffer, indexed[n] ?? null));
  }
  const entries = new Map(keys.map((key) => [key, findings.entries.get(key) ?? null]));
  return { head: toHead(context, replies[0]), entries, unreadable: findings.unreadable };
}

function decodeTyped(type: string, value: Buffer, indexed: string | null): Found {
  if (type !== 'string') return type === 'none' ? null : wrongType(type);
  return decodeValue(value, indexed === null ? null : decodeIndexed(indexed));
}

function wrongType(type: string): string {
  return `it is a ${type}, not a string`;
}

export async function readHead(context: ReadContext): Promise<Head> {
  return toHead(context, await context.session.send(headCommand(context.namespace)));
}

/** @throws WrongTypeError */
function toHead({ namespace }: ReadContext, reply: Reply | undefined): Head {
  const head = decodeHead(texts(reply));
  if (head !== null) return head;
  throw damagedHead(namespace.head);
}

export function damagedHead(head: string): WrongTypeError {
  return new WrongTypeError(
    `The Redis hash ${head} does not hold what it must (epoch, revision, hash). Delete it, and a new epoch begins.`,
  );
}

/** A page of the log should be as large as this; how many commits that is, the page before it tells. */
const PAGE_BYTES = 2 * 1024 * 1024;
const MOST_ON_PAGE = 500;

/** Commits that are read at first: how large they are is not known yet. */
const FIRST_PAGE = 16;

/** Commits after a revision, in order, as far as the log goes. Not for a connection that listens: pages may be large. */
export async function* logAfter(
  session: RedisSession,
  namespace: RedisNamespace,
  afterRevision: number,
): AsyncGenerator<LoggedCommit, void> {
  for (let [after, count] = [afterRevision, FIRST_PAGE]; ;) {
    const { commits, nextCount } = await readLogPage(session, namespace, { after, count });
    yield* commits;
    const newest = commits.at(-1);
    if (newest === undefined || commits.length < count) return;
    [after, count] = [newest.revision, nextCount];
  }
}

/** Commits after a revision, in order; and how many to ask for next. */
async function readLogPage(
  session: RedisSession,
  { log }: RedisNamespace,
  { after, count }: { readonly after: number; readonly count: number },
): Promise<{ readonly commits: LoggedCommit[]; readonly nextCount: number }> {
  const reply = await session.send(['XRANGE', log, `(${after}`, '+', 'COUNT', String(count)]);
  const size = (reply as readonly (readonly [string, readonly string[]])[])
    .flatMap(([, fields]) => fields)
    .reduce((sum, field) => sum + field.length, 0);
  const fitting = Math.floor((count * PAGE_BYTES) / Math.max(size, 1));
  return { commits: decodeLog(log, reply), nextCount: Math.max(1, Math.min(fitting, count * 4, MOST_ON_PAGE)) };
}

function headCommand({ head }: RedisNamespace): string[] {
  return ['HMGET', head, 'epoch', 'revision', 'hash'];
}

/** A key that was found and has no value was deleted since, or is no string. */
export async function findWrongTypes(
  { session, namespace }: ReadContext,
  keys: readonly string[],
  findings: Findings,
): Promise<void> {
  const types = await Promise.all(keys.map((key) => session.send(['TYPE', namespace.entry(key)])));
  for (const [n, type] of types.entries()) {
    if (type !== 'none' && type !== 'string') findings.put(keys[n] ?? '', wrongType(String(type)));
  }
}

/** An entry, from what Redis holds and what the index says of it; a text where it breaks the rule for values. */
export function decodeValue(value: Buffer, indexed: Indexed | null): Entry | string {
  if (value.length > MAX_VALUE_BYTES) return TOO_LARGE;
  return isUtf8(value) ? toEntry(value.toString(), indexed, sha1) : 'its value is not UTF-8';
}

/** @throws WrongTypeError */
function decodeLog(log: string, reply: Reply): LoggedCommit[] {
  return (reply as readonly (readonly [string, readonly string[]])[]).map(([id, fields]) => {
    const [, header = '', , body = '', , previous = ''] = fields;
    try {
      return decodeRecord(header, body, previous);
    } catch (cause) {
      throw new WrongTypeError(
        `The entry ${id} of the Redis stream ${log} is no commit: somebody else put it there. Delete it (XDEL ${log} ${id}).`,
        { cause },
      );
    }
  });
}

function texts(reply: Reply | undefined): (string | null)[] {
  return (reply as readonly (string | Buffer | null)[]).map((text) => (text === null ? null : text.toString()));
}

function sha1(text: string): string {
  return hash('sha1', text, 'hex');
}
