import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { OutcomeUnknownError, RevisionConflictError, StoreUnavailableError, WrongTypeError } from '../errors.ts';
import type { Change, CommitOptions, LoggedCommit } from '../store.ts';
import type { RedisNamespace } from './namespace.ts';
import { decodeRecord, encodeBody } from './record.ts';
import type { RedisSession, Reply } from './session.ts';

const SOURCE = readFileSync(new URL('../../lua/commit.lua', import.meta.url), 'utf8');
const SHA1 = createHash('sha1').update(SOURCE).digest('hex');

/** Runs `lua/commit.lua`. */
export async function runCommit(
  session: RedisSession,
  namespace: RedisNamespace,
  changes: readonly Change[],
  options: CommitOptions,
): Promise<LoggedCommit> {
  const args = scriptArguments(namespace, changes, options);
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

function scriptArguments(namespace: RedisNamespace, changes: readonly Change[], options: CommitOptions): string[] {
  const { head, index, log, requests } = namespace;
  const keys = [head, index, log, requests, ...changes.map(({ key }) => namespace.entry(key))];
  const perChange = changes.flatMap(({ key, value, ifRevision }) => [
    key,
    value === null ? 'delete' : 'set',
    value ?? '',
    ifRevision === null ? '' : String(ifRevision),
  ]);
  return [
    String(keys.length),
    ...keys,
    options.requestId,
    options.ifRevision === null ? '' : String(options.ifRevision),
    randomUUID(),
    options.notify ? '1' : '0',
    options.changedBy,
    encodeBody(changes, options),
    namespace.changes,
    namespace.updates,
    ...perChange,
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
      throw new WrongTypeError(
        `The Redis key ${first} holds something other than what it must; nothing was written. See TYPE ${first}, then rename or delete it.`,
      );
  }
}
