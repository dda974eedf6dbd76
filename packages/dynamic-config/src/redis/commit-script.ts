import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  OutcomeUnknownError,
  RevisionConflictError,
  StoreRefusedError,
  StoreUnavailableError,
  WrongTypeError,
} from '../errors.ts';
import type { ConfigError } from '../errors.ts';
import type { Change, CommitOptions, LoggedCommit } from '../store.ts';
import type { RedisNamespace } from './namespace.ts';
import { decodeRecord, encodeBody } from './record.ts';
import type { RedisSession, Reply } from './session.ts';

const SOURCE = readFileSync(new URL('../../lua/commit.lua', import.meta.url), 'utf8');
const SHA1 = createHash('sha1').update(SOURCE).digest('hex');

/** A key as the script wants it: with what to do, the value, and the revision at which it must still be. */
type KeyArguments = readonly [key: string, op: 'set' | 'delete' | 'keep', value: string, ifRevision: string];

/** Runs `lua/commit.lua`. */
export async function runCommit(
  session: RedisSession,
  namespace: RedisNamespace,
  changes: readonly Change[],
  options: CommitOptions,
): Promise<LoggedCommit> {
  const keys = changes.map(({ key, value, ifRevision }): KeyArguments => {
    const expected = ifRevision === null ? '' : String(ifRevision);
    return value === null ? [key, 'delete', '', expected] : [key, 'set', value, expected];
  });
  const args = scriptArguments(namespace, keys, {
    requestId: options.requestId,
    ifRevision: options.ifRevision === null ? '' : String(options.ifRevision),
    notify: options.notify,
    changedBy: options.changedBy,
    body: encodeBody(changes, options),
  });
  try {
    return decodeReply(await evaluate(session, args), changes, options);
  } catch (error) {
    // It was sent, and the connection ended before the reply.
    if (error instanceof StoreUnavailableError && !session.isOpen) {
      throw new OutcomeUnknownError(options.requestId, { cause: error });
    }
    throw error;
  }
}

/**
 * Runs `lua/commit.lua` to record what others wrote to these keys, if they did.
 *
 * @returns how many of them it recorded.
 */
export async function runAdopt(
  session: RedisSession,
  namespace: RedisNamespace,
  keys: readonly string[],
): Promise<number> {
  const kept = keys.map((key): KeyArguments => [key, 'keep', '', '']);
  const args = scriptArguments(namespace, kept, {
    requestId: '',
    ifRevision: '',
    notify: true,
    changedBy: '',
    body: '',
  });
  const [outcome = '', detail = ''] = (await evaluate(session, args)) as readonly string[];
  if (outcome !== 'adopted') throw refusal(outcome, detail);
  return Number(detail);
}

function scriptArguments(
  { head, index, log, requests, entry, changes, updates }: RedisNamespace,
  keys: readonly KeyArguments[],
  options: { requestId: string; ifRevision: string; notify: boolean; changedBy: string; body: string },
): string[] {
  const names = [head, index, log, requests, ...keys.map(([key]) => entry(key))];
  const { requestId, ifRevision, notify, changedBy, body } = options;
  return [
    String(names.length),
    ...names,
    requestId,
    ifRevision,
    randomUUID(),
    notify ? '1' : '0',
    changedBy,
    body,
    changes,
    updates,
    ...keys.flat(),
  ];
}

async function evaluate(session: RedisSession, args: readonly string[]): Promise<Reply> {
  try {
    return await session.send(['EVALSHA', SHA1, ...args]);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return session.send(['EVAL', SOURCE, ...args]);
  }
}

/** A restart or SCRIPT FLUSH forgot the script: nothing was run. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message.startsWith('NOSCRIPT');
}

function decodeReply(reply: Reply, changes: readonly Change[], options: CommitOptions): LoggedCommit {
  const [outcome = '', first = '', second = '', third = ''] = reply as readonly string[];
  switch (outcome) {
    case 'committed':
    case 'repeated':
      return decodeRecord(first, second, third);
    case 'conflict': {
      const change = changes.find(({ key }) => key === first);
      const expected = (change ?? options).ifRevision;
      throw new RevisionConflictError(change?.key ?? null, expected ?? 0, Number(second));
    }
    default:
      throw refusal(outcome, first);
  }
}

function refusal(outcome: string, detail: string): ConfigError {
  return outcome === 'denied'
    ? new StoreRefusedError(
        `The Redis user may not use ${detail} on all keys that this needs; nothing was written. Extend its ACL.`,
      )
    : new WrongTypeError(
        `The Redis key ${detail} holds something other than what it must; nothing was written. See TYPE ${detail}, then rename or delete it.`,
      );
}
