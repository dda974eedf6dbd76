import { randomUUID } from 'node:crypto';
import {
  ClosedError,
  OutcomeUnknownError,
  RevisionConflictError,
  StoreRefusedError,
  StoreUnavailableError,
  WrongTypeError,
} from '../errors.ts';
import type { ConfigError } from '../errors.ts';
import type { Change, CommitOptions, LoggedCommit } from '../store.ts';
import type { RedisNamespace } from './namespace.ts';
import { damagedHead } from './read.ts';
import { decodeRecord, toBody, toLoggedCommit } from './record.ts';
import type { Body } from './record.ts';
import { isElsewhere, wrongType } from './redis-error.ts';
import { Script } from './script.ts';
import type { RedisSession, Reply } from './session.ts';

const script = new Script('commit');

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
  const body = toBody(changes, options);
  const run = runScript(session, namespace, keys, {
    requestId: options.requestId,
    ifRevision: options.ifRevision === null ? '' : String(options.ifRevision),
    notify: options.notify,
    changedBy: options.changedBy,
    body: JSON.stringify(body),
  });
  try {
    return decodeReply(await run, namespace, { changes, options, body });
  } catch (error) {
    if (isElsewhere(error)) throw error;
    // It was sent, and the connection ended before the reply.
    if ((error instanceof StoreUnavailableError || error instanceof ClosedError) && !session.isOpen) {
      throw new OutcomeUnknownError(options.requestId, { cause: error });
    }
    throw error;
  }
}

/** Runs `lua/commit.lua` to record what others wrote to these keys, where they did. */
export async function runAdopt(
  session: RedisSession,
  namespace: RedisNamespace,
  keys: readonly string[],
): Promise<void> {
  const options = { requestId: '', ifRevision: '', notify: true, changedBy: '', body: '' };
  let kept = keys.map((key): KeyArguments => [key, 'keep', '', '']);
  while (kept.length > 0) {
    const [outcome, detail] = (await runScript(session, namespace, kept, options)) as readonly [string, Reply];
    if (outcome !== 'adopted') throw refusal(namespace, outcome, String(detail));
    kept = kept.slice(Number(detail));
  }
}

async function runScript(
  session: RedisSession,
  { head, index, log, requests, entry, changes, updates }: RedisNamespace,
  keys: readonly KeyArguments[],
  options: { requestId: string; ifRevision: string; notify: boolean; changedBy: string; body: string },
): Promise<Reply> {
  const { requestId, ifRevision, notify, changedBy, body } = options;
  const fixed = [requestId, ifRevision, randomUUID(), notify ? '1' : '0', changedBy, body, changes, updates];
  return script.run(
    session,
    [head, index, log, requests, ...keys.map(([key]) => entry(key))],
    [...fixed, ...keys.flat()],
  );
}

function decodeReply(
  reply: Reply,
  namespace: RedisNamespace,
  { changes, options, body }: { changes: readonly Change[]; options: CommitOptions; body: Body },
): LoggedCommit {
  const [outcome = '', first = '', second = '', third = ''] = reply as readonly string[];
  switch (outcome) {
    case 'committed':
      return toLoggedCommit(first, body, second);
    case 'repeated':
      return decodeRecord(first, second, third);
    case 'conflict': {
      const change = changes.find(({ key }) => key === first);
      const expected = (change ?? options).ifRevision;
      throw new RevisionConflictError(change?.key ?? null, expected ?? 0, Number(second));
    }
    default:
      throw refusal(namespace, outcome, first);
  }
}

function refusal({ head, log }: RedisNamespace, outcome: string, detail: string): ConfigError {
  switch (outcome) {
    case 'denied':
      return new StoreRefusedError(
        `The Redis user may not use ${detail} on all keys that this needs; nothing was written. Extend its ACL.`,
      );
    case 'wrong_type':
      return wrongType(detail);
    case 'damaged':
      return damagedHead(head);
    case 'log_ahead':
      return new WrongTypeError(
        `The Redis stream ${log} goes on beyond revision ${detail}, where the hash ${head} says that it ends; nothing was written. Delete ${head}, and a new epoch begins after the last of them.`,
      );
    default:
      throw new TypeError(`The script answered with the outcome ${JSON.stringify(outcome)}.`);
  }
}
