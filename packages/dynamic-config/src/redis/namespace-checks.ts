import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { MAX_VALUE_BYTES } from '../change-set.ts';
import { decodeHead, decodeIndexed } from './record.ts';
import { ask, fieldsOf } from './examined.ts';
import type { Examined } from './examined.ts';
import { ok, problem, unknown, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { listListeners } from './instances.ts';
import type { ConnectedInstance } from './instances.ts';

/** Looked at; with more, the rest goes unseen, and that is said. */
const MOST_KEYS = 100_000;
const SHOWN = 5;
/** A trail that is further behind has most likely been given up. */
const ABANDONED = 10_000;

export async function checkOwnKeys({ session, namespace }: Examined): Promise<Finding> {
  const { head, index, log, requests, settings } = namespace;
  const expected = [
    [head, 'hash'],
    [index, 'hash'],
    [log, 'stream'],
    [requests, 'hash'],
    [settings, 'hash'],
  ] as const;
  const wrong: string[] = [];
  for (const [key, type] of expected) {
    const found = await ask(session, ['TYPE', key]);
    if (found !== null && found !== 'none' && found !== type) wrong.push(`${key} (a ${String(found)}, not a ${type})`);
  }
  if (wrong.length === 0) return ok('own-keys', 'What the namespace keeps for itself is in order.');
  return problem('own-keys', {
    what: `Something else took the place of ${wrong.join(', ')}.`,
    why: 'Changes are refused until it is gone.',
    fix: `RENAME ${wrong[0]?.split(' ')[0]} <another name>`,
  });
}

/** Entries that cannot be served, that will vanish, or that nobody recorded. */
export async function checkEntries({ session, namespace }: Examined): Promise<Finding[]> {
  const strays: string[] = [];
  const expiring: string[] = [];
  const drifting: string[] = [];
  let count = 0;
  let cursor = '0';
  do {
    const reply = await ask(session, ['SCAN', cursor, 'MATCH', namespace.entryPattern, 'COUNT', '500']);
    if (!Array.isArray(reply)) return [unknown('entries', 'The keys of the namespace may not be listed (SCAN).')];
    const [next, found] = reply as unknown as readonly [string, readonly string[]];
    count += found.length;
    const looked = await Promise.all(found.map((redisKey) => lookAt({ session, namespace }, redisKey)));
    for (const [n, { stray, isDrifting, isExpiring }] of looked.entries()) {
      const redisKey = found[n] ?? '';
      if (stray !== null) strays.push(`${redisKey} (${stray})`);
      if (isDrifting) drifting.push(redisKey);
      if (isExpiring) expiring.push(redisKey);
    }
    cursor = next;
  } while (cursor !== '0' && count < MOST_KEYS);
  const rest = cursor === '0' ? '' : ` of the first ${MOST_KEYS}`;
  return [
    strays.length === 0
      ? ok('stray-keys', `${count} keys${rest}, all of them settings.`)
      : warning('stray-keys', {
          what: `${strays.length} keys under ${namespace.entryPrefix} are no settings: ${some(strays)}.`,
          why: 'They are left out here; legacy peers, which read everything under the prefix, may fail on them.',
          fix: `DEL ${strays[0]?.split(' ')[0]}, or RENAME it to another prefix`,
        }),
    expiring.length === 0
      ? ok('expiry', 'No setting expires.')
      : problem('expiry', {
          what: `${expiring.length} settings expire: ${some(expiring)}.`,
          why: 'They will be deleted without anybody having changed them.',
          fix: `PERSIST ${expiring[0]}`,
        }),
    drifting.length === 0
      ? ok('drift', 'Every value is as it was recorded.')
      : warning('drift', {
          what: `${drifting.length} values were written past us, and are not recorded: ${some(drifting)}.`,
          why: 'They are served, but no audit record says who changed them. A running instance with rights to write records them within moments.',
          fix: 'Start a server or a service that may write.',
        }),
  ];
}

interface Looked {
  /** Why it is no setting; null: it is one. */
  readonly stray: string | null;
  readonly isDrifting: boolean;
  readonly isExpiring: boolean;
}

async function lookAt(
  { session, namespace }: Pick<Examined, 'session' | 'namespace'>,
  redisKey: string,
): Promise<Looked> {
  const [type, ttl] = await Promise.all([ask(session, ['TYPE', redisKey]), ask(session, ['PTTL', redisKey])]);
  const isExpiring = Number(ttl) > 0;
  // Deleted since.
  if (type === 'none') return { stray: null, isDrifting: false, isExpiring: false };
  const key = namespace.keyOf(redisKey);
  if (key === null) return { stray: 'no valid name', isDrifting: false, isExpiring };
  const stray = type === 'string' ? await whyNotServed(session, redisKey) : `a ${String(type)}`;
  const isDrifting = stray === null && !(await isRecorded({ session, namespace }, key));
  return { stray, isDrifting, isExpiring };
}

async function whyNotServed(session: Examined['session'], redisKey: string): Promise<string | null> {
  if (Number(await ask(session, ['STRLEN', redisKey])) > MAX_VALUE_BYTES) return 'larger than 1 MiB';
  const value = (await session.send(['GETRANGE', redisKey, '0', String(MAX_VALUE_BYTES)], true)) as Buffer;
  return isUtf8(value) ? null : 'not UTF-8';
}

async function isRecorded(
  { session, namespace }: Pick<Examined, 'session' | 'namespace'>,
  key: string,
): Promise<boolean> {
  const indexed = await ask(session, ['HGET', namespace.index, key]);
  if (typeof indexed !== 'string') return false;
  const value = (await session.send(['GET', namespace.entry(key)], true)) as Buffer | null;
  // Deleted since.
  if (value === null) return true;
  return decodeIndexed(indexed).digest === createHash('sha1').update(value).digest('hex');
}

/** Whether the log is whole, and ends where the head says. */
export async function checkLog({ session, namespace }: Examined): Promise<Finding> {
  const head = decodeHead(
    ((await ask(session, ['HMGET', namespace.head, 'epoch', 'revision', 'hash'])) ?? []) as string[],
  );
  if (head === null) {
    return problem('log', {
      what: `${namespace.head} does not hold what it must (epoch, revision, hash).`,
      why: 'Nobody can tell where the namespace stands.',
      fix: `DEL ${namespace.head} (a new epoch begins)`,
    });
  }
  if (head.epoch === '') return ok('log', 'Nothing was changed through us yet.');
  const [oldest, newest] = [
    await revisionAt(session, namespace.log, 'XRANGE'),
    await revisionAt(session, namespace.log, 'XREVRANGE'),
  ];
  const length = Number((await ask(session, ['XLEN', namespace.log])) ?? 0);
  // What is committed meanwhile makes the log longer than the head that was read before.
  const isShort = newest === null || newest < head.revision;
  const hasHoles = oldest !== null && newest !== null && length < newest - oldest + 1;
  if (!isShort && !hasHoles) return ok('log', `Revision ${head.revision}; the log holds ${length} change sets.`);
  return problem('log', {
    what: isShort
      ? `The log ends with revision ${newest ?? 0}, and the namespace is at ${head.revision}.`
      : `Change sets are missing from the middle of the log.`,
    why: 'Somebody deleted from it: what is missing can be in no audit trail that had not read it before.',
    fix: 'Nothing brings it back. A server records the gap; find out who may use XDEL, XTRIM and DEL: ACL LIST',
  });
}

async function revisionAt(
  session: Examined['session'],
  log: string,
  command: 'XRANGE' | 'XREVRANGE',
): Promise<number | null> {
  const [from, to] = command === 'XRANGE' ? ['-', '+'] : ['+', '-'];
  const reply = await ask(session, [command, log, from, to, 'COUNT', '1']);
  const [first] = (reply ?? []) as unknown as readonly (readonly [string])[];
  return first === undefined ? null : Number(first[0].split('-', 1)[0]);
}

export async function checkInstances({ session, namespace }: Examined): Promise<Finding> {
  const { count: ours, otherSubscribers, instances } = await listListeners(session, namespace);
  if (ours === null) return unknown('instances', 'Who listens may not be asked for (PUBSUB).');
  const legacy = otherSubscribers ?? 0;
  const isKept = (await ask(session, ['GET', namespace.keeper])) !== null;
  if (ours === 0) {
    return warning('instances', {
      what: 'No instance of ours is connected.',
      why: 'Nobody records what redis-cli and legacy peers write, until one starts.',
      fix: 'npm start, or start a service',
    });
  }
  const named = servicesOf(instances);
  const who = `${ours} ${ours === 1 ? 'instance' : 'instances'}${named === '' ? '' : ` (${named})`}, ${legacy} other ${legacy === 1 ? 'subscriber' : 'subscribers'}`;
  if (isKept) return ok('instances', `${who}; writes by others are recorded.`);
  return warning('instances', {
    what: `${who}, and none of them keeps the namespace.`,
    why: 'Nobody records what redis-cli and legacy peers write: none may write, or cannot track.',
    fix: 'Give one of them the rights of a server, see docs/security.md.',
  });
}

/** How many there are of each version of a service. */
function servicesOf(instances: readonly ConnectedInstance[]): string {
  const counts = new Map<string, number>();
  for (const { service, version } of instances) {
    if (service === null) continue;
    const name = version === null ? service : `${service} ${version}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return some([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, n]) => `${n} × ${name}`));
}

export async function checkAudit({ session, namespace }: Examined): Promise<Finding[]> {
  const exists = await ask(session, ['EXISTS', namespace.log]);
  if (exists === null) return [unknown('audit', 'Whether there is a log may not be asked for (EXISTS).')];
  if (Number(exists) === 0) return [ok('audit', 'There is nothing to record yet.')];
  const reply = await ask(session, ['XINFO', 'GROUPS', namespace.log]);
  if (!Array.isArray(reply)) return [unknown('audit', 'Who reads the log may not be asked for (XINFO).')];
  const trails = (reply as unknown as Parameters<typeof fieldsOf>[0][])
    .map((group) => fieldsOf(group))
    .filter(({ name }) => String(name).startsWith('audit:'));
  if (trails.length === 0) {
    return [
      warning('audit', {
        what: 'No audit trail reads the log.',
        why: 'Changes older than the log holds (10,000 of them, or 7 days) leave no trace.',
        fix: 'REDIS_URL=… npm start',
      }),
    ];
  }
  const newest = (await revisionAt(session, namespace.log, 'XREVRANGE')) ?? 0;
  return trails.map((trail) => {
    const name = String(trail['name']);
    const behind = newest - Number(String(trail['last-delivered-id']).split('-', 1)[0]);
    if (behind < ABANDONED) return ok('audit', `The audit trail ${name} is ${behind} revisions behind.`);
    return problem('audit', {
      what: `The audit trail ${name} is ${behind} revisions behind.`,
      why: 'Its server is gone, or its database is down; until it has them, the log is not trimmed, and fills the memory of Redis.',
      fix: `Bring its server back; or, if it was given up for good: XGROUP DESTROY ${namespace.log} ${name}`,
    });
  });
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}
