import { isKey } from '../change-set.ts';
import { InvalidOptionError } from '../errors.ts';

/** Not ending in a colon: `a:@log` would lie among the entries of a prefix `a`, where legacy peers read everything. */
const PREFIX = /^[A-Za-z0-9_.:/{}-]{0,127}[A-Za-z0-9_./{}-]$/;

export const DEFAULT_PREFIX = 'mutt:config';

/**
 * The names in Redis of one namespace. Entries are plain strings under `P:`, where legacy peers read everything they
 * find; all else is under `P@`.
 */
export class RedisNamespace {
  readonly prefix: string;
  readonly database: number;
  /** Begins the Redis key of every entry. */
  readonly entryPrefix: string;
  /** Pub/sub channel of the wire contract: the bare name of a key that was written. */
  readonly updates: string;
  /** Pub/sub channel: whole commits. */
  readonly changes: string;
  readonly head: string;
  readonly index: string;
  readonly log: string;
  readonly requests: string;
  readonly keeper: string;
  readonly settings: string;
  /** Matches the Redis keys of all entries, for SCAN. No character that a prefix may hold is special in a pattern. */
  readonly entryPattern: string;

  /** @param database number of the Redis database: keys are apart in each, pub/sub channels are not. */
  constructor(prefix: string, database = 0) {
    if (!PREFIX.test(prefix)) {
      throw new InvalidOptionError(
        `Invalid prefix ${JSON.stringify(prefix)}: a prefix is 1 to 128 characters of A–Z a–z 0–9 _ . : / { } -, and does not end in a colon.`,
      );
    }
    this.prefix = prefix;
    this.database = database;
    this.entryPrefix = `${prefix}:`;
    this.updates = `${prefix}:updates`;
    this.changes = database === 0 ? `${prefix}@changes` : `${prefix}@changes:${database}`;
    this.head = `${prefix}@head`;
    this.index = `${prefix}@index`;
    this.log = `${prefix}@log`;
    this.requests = `${prefix}@requests`;
    this.keeper = `${prefix}@keeper`;
    this.settings = `${prefix}@settings`;
    this.entryPattern = `${prefix}:*`;
  }

  /** The Redis key of an entry. */
  readonly entry = (key: string): string => this.entryPrefix + key;

  /** Pub/sub channel on which the keeper with this token listens: who has no listener is dead. */
  keeperAlive(token: string): string {
    return `${this.prefix}@keeper:${token}`;
  }

  /** Pub/sub channel on which the keeper answers whoever has this id. */
  keeperAnswer(id: string): string {
    return `${this.prefix}@keeper:answer:${id}`;
  }

  /** A key with this id that an examination writes, to see how soon that is seen; gone a moment later. */
  probe(id: string): string {
    return `${this.prefix}@probe:${id}`;
  }

  /** The key that a Redis key of `P:` stands for; null when it breaks the rule for keys. */
  keyOf(redisKey: string): string | null {
    const key = redisKey.slice(this.entryPrefix.length);
    return isKey(key) ? key : null;
  }
}
