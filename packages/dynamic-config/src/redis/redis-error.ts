import { ErrorReply } from '@redis/client';
import { ConfigError, StoreRefusedError, StoreUnavailableError, WrongTypeError } from '../errors.ts';

type Kind = 'unavailable' | 'refused' | 'wrong_type';

/** What Redis answers with, by the first word of the error, and what an operator should look at. */
const REPLIES: Record<string, readonly [Kind, string]> = {
  LOADING: ['unavailable', 'Redis is loading its data set from disk; it answers when that is done.'],
  BUSY: ['unavailable', 'Redis is busy running a script; see SCRIPT KILL and the slow log.'],
  MASTERDOWN: ['unavailable', 'This Redis is a replica that has lost its primary; see its replication state.'],
  CLUSTERDOWN: ['unavailable', 'The Redis Cluster is down; see CLUSTER INFO.'],
  TRYAGAIN: ['unavailable', 'The Redis Cluster is moving these keys; try again.'],
  ASK: ['unavailable', 'The Redis Cluster is moving these keys; try again.'],
  READONLY: ['refused', 'This Redis is a read-only replica; connect to the primary.'],
  OOM: ['refused', 'Redis is out of memory (maxmemory); free some or raise the limit.'],
  MISCONF: ['refused', 'Redis refuses writes since it cannot save to disk; see its log and free space.'],
  NOREPLICAS: ['refused', 'Redis refuses writes since too few replicas are connected (min-replicas-to-write).'],
  NOAUTH: ['refused', 'Redis asks for a password; put it into the URL (redis://user:password@host).'],
  WRONGPASS: ['refused', 'Redis does not accept this user and password; check the URL.'],
  NOPERM: ['refused', "The Redis user may not do this; extend its ACL (the cause names what's missing)."],
  CROSSSLOT: ['refused', 'On Redis Cluster the prefix needs a hash tag, like {mutt}:config.'],
  MOVED: ['refused', 'This is a node of a Redis Cluster, and the keys live on another; connect to the cluster.'],
  WRONGTYPE: ['wrong_type', 'A key of the namespace holds something other than what it must.'],
};

const CLASSES = {
  unavailable: StoreUnavailableError,
  refused: StoreRefusedError,
  wrong_type: WrongTypeError,
};

/** Answers of a node that has not got the namespace any more. Nothing was done; another node will do it. */
const ELSEWHERE = /^(MOVED|READONLY) /;

/** What is known of the command that failed. */
interface Asked {
  /** Another node may have taken over: that a node has not got the namespace is no refusal, then. */
  readonly canMove?: boolean;
  /** The Redis key that it reads. */
  readonly key?: string | undefined;
}

/**
 * Anything the driver throws, as an error of ours with the driver's as its cause.
 */
export function toStoreError(cause: unknown, location: string, { canMove = false, key }: Asked = {}): ConfigError {
  if (cause instanceof ConfigError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (!(cause instanceof ErrorReply)) {
    return new StoreUnavailableError(
      `Redis at ${location} cannot be reached: ${message || 'the connection was lost'}.`,
      { cause },
    );
  }
  if (canMove && ELSEWHERE.test(message)) {
    return new StoreUnavailableError(`Another node of ${location} has taken over (${message}); nothing was written.`, {
      cause,
    });
  }
  const [kind, advice] = REPLIES[message.split(' ', 1)[0] ?? ''] ?? ['refused', 'Redis refused the command.'];
  if (kind === 'wrong_type' && key !== undefined) return wrongType(key, { cause });
  return new CLASSES[kind](`${advice} (${location}: ${message})`, { cause });
}

/** A Redis key of the namespace holds something other than what it must. */
export function wrongType(key: string, options?: ErrorOptions): WrongTypeError {
  return new WrongTypeError(
    `The Redis key ${key} holds something other than what it must; nothing was written. See TYPE ${key}, and RENAME it out of the way.`,
    options,
  );
}

/** What an answer could not be made sense of for. Whatever Redis refuses, or the driver reports, has a class of its own. */
export function notUnderstood(cause: unknown, location: string): ConfigError {
  if (cause instanceof ConfigError) return cause;
  return new StoreRefusedError(
    `What answers at ${location} does not answer as Redis does (${cause instanceof Error ? cause.message : String(cause)}); see what listens there.`,
    { cause },
  );
}

/** True for the answer to a write of a node that is a replica, where no other is known to have its place. */
export function isReadOnly(error: unknown): boolean {
  return (
    error instanceof StoreRefusedError &&
    error.cause instanceof ErrorReply &&
    error.cause.message.startsWith('READONLY ')
  );
}

/** True for the answer of a node whose place another one has taken: the next session is with that one. */
export function isElsewhere(error: unknown): boolean {
  return (
    error instanceof StoreUnavailableError && error.cause instanceof ErrorReply && ELSEWHERE.test(error.cause.message)
  );
}
