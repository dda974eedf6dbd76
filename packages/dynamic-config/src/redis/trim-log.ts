import type { RedisNamespace } from './namespace.ts';
import type { RedisSession, Reply } from './session.ts';

/** The log keeps the last so many change sets, or those of so many days, whichever is more. */
const KEEP_COMMITS = 10_000;
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;
/** Dropped at once, so that Redis is not held up. */
const STEP = 5_000;

export interface Retention {
  readonly commits: number;
  readonly ms: number;
}

/**
 * Drops what the log need not hold any more, and the request ids that go with it. Never what a consumer group has yet to
 * read or to acknowledge: that is an audit trail.
 */
export async function trimLog(
  session: RedisSession,
  namespace: RedisNamespace,
  keep: Retention = { commits: KEEP_COMMITS, ms: KEEP_MS },
): Promise<void> {
  const { log } = namespace;
  const [oldest, newest] = [await revisionAt(session, 'XRANGE', log), await revisionAt(session, 'XREVRANGE', log)];
  if (oldest === null || newest === null || newest - oldest < keep.commits) return;
  const unread = await firstUnread(session, log);
  const [seconds] = (await session.send(['TIME'])) as readonly string[];
  const cutoffMs = Number(seconds) * 1000 - keep.ms;
  /** The first revision that must stay. */
  const most = Math.min(newest - keep.commits + 1, unread);
  const first = await firstNotBefore(session, log, cutoffMs, oldest, most);
  for (let step = Math.min(oldest + STEP, first); step > oldest; step = Math.min(step + STEP, first)) {
    await session.send(['XTRIM', log, 'MINID', `${step}-0`]);
    if (step === first) break;
  }
  if (first > oldest) await forgetRequests(session, namespace, first);
}

async function revisionAt(session: RedisSession, command: 'XRANGE' | 'XREVRANGE', log: string): Promise<number | null> {
  const [from, to] = command === 'XRANGE' ? ['-', '+'] : ['+', '-'];
  const reply = (await session.send([command, log, from, to, 'COUNT', '1'])) as readonly (readonly [string])[];
  return reply[0] === undefined ? null : revisionOf(reply[0][0]);
}

/** The first revision that a consumer group has not read and acknowledged; Infinity where there is none. */
async function firstUnread(session: RedisSession, log: string): Promise<number> {
  let first = Infinity;
  for (const group of (await session.send(['XINFO', 'GROUPS', log])) as readonly Reply[]) {
    const { name, 'last-delivered-id': delivered } = fieldsOf(group);
    first = Math.min(first, revisionOf(String(delivered)) + 1);
    const [pending, oldest] = (await session.send(['XPENDING', log, String(name)])) as readonly Reply[];
    if (Number(pending) > 0) first = Math.min(first, revisionOf(String(oldest)));
  }
  return first;
}

/** The first revision, from `low` to `high`, that is not older than `cutoffMs`; `high` if all before it are. */
async function firstNotBefore(
  session: RedisSession,
  log: string,
  cutoffMs: number,
  oldest: number,
  most: number,
): Promise<number> {
  let [low, high] = [oldest, Math.max(oldest, most)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const reply = await session.send(['XRANGE', log, `${middle}-0`, '+', 'COUNT', '1']);
    const [record] = reply as readonly (readonly [string, readonly string[]])[];
    // What is no commit has no time: whatever comes after it tells.
    const isOlder = record !== undefined && !(timeOf(record[1]) >= cutoffMs);
    if (isOlder) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Request ids live as long as their records. Looked through only when there are many more of them. */
async function forgetRequests(session: RedisSession, { log, requests }: RedisNamespace, first: number): Promise<void> {
  const [ids, records] = [Number(await session.send(['HLEN', requests])), Number(await session.send(['XLEN', log]))];
  if (ids < 1.5 * records) return;
  let cursor = '0';
  do {
    const reply = await session.send(['HSCAN', requests, cursor, 'COUNT', '1000']);
    const [next, fields] = reply as readonly [string, readonly string[]];
    const old = fields.filter((_, n) => n % 2 === 0 && Number(fields[n + 1]) < first);
    if (old.length > 0) await session.send(['HDEL', requests, ...old]);
    cursor = next;
  } while (cursor !== '0');
}

function revisionOf(id: string): number {
  return Number(id.split('-', 1)[0]);
}

function timeOf([, header = '']: readonly string[]): number {
  return Number(header.split(' ')[2]);
}

/** The fields of a map, which come as a list of names and values in turn. */
function fieldsOf(reply: Reply): Readonly<Record<string, Reply | undefined>> {
  const list = reply as readonly Reply[];
  return Object.fromEntries(list.flatMap((name, n) => (n % 2 === 0 ? [[String(name), list[n + 1]]] : [])));
}
