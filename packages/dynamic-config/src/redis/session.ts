import { isDeepStrictEqual } from 'node:util';
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import type { RedisClientOptions } from '@redis/client';
import { ClosedError, ConfigError, StoreRefusedError, StoreUnavailableError, WrongTypeError } from '../errors.ts';
import { CLIENT_NAME } from '../instance-name.ts';
import { Deadline } from './deadline.ts';
import type { Endpoint } from './endpoint.ts';
import { isElsewhere, isReadOnly, toStoreError } from './redis-error.ts';
import { Tracking } from './tracking.ts';
import { within } from './within.ts';

/** What Redis pushes on a session that tracks. */
export interface PushListener {
  /** Keys that were written, by anyone, in whatever way; null: any of them. */
  onInvalidated(redisKeys: readonly string[] | null): void;
  onMessage(message: string, channel: string): void;
}

export interface SessionOptions {
  readonly endpoint: Endpoint;
  /** Shared by all sessions on one Redis: what it speaks, as far as is known. */
  readonly protocol: { version: 3 | 2 };
  /** Longest wait for the connection, and for each reply, in milliseconds. */
  readonly timeoutMs: number;
  /** How Redis calls it, where operators look. Default `mutt-dynamic-config`. */
  readonly name?: string;
  readonly push?: {
    readonly channels: readonly string[];
    readonly trackedPrefix: string | null;
    readonly listener: PushListener;
  };
}

export type Reply = string | number | null | Buffer | readonly Reply[];

/** How often reads that a commit came between are repeated. */
const MOST_ATTEMPTS = 5;
/** For so long a connection to a replica is kept at least, so that writes in vain don't make one each. */
const REPLICA_MS = 1_000;

const AS_TEXT = { typeMapping: { [RESP_TYPES.MAP]: Array } };
const AS_BUFFERS = { typeMapping: { [RESP_TYPES.MAP]: Array, [RESP_TYPES.BLOB_STRING]: Buffer } };

/**
 * One connection, from its first byte to its loss; never reconnected, so there is no doubt what a reply belongs to.
 * A reply that is late ends it: what comes after could not be told from what was asked before.
 */
export class RedisSession {
  /** Resolves with the reason when the connection is gone. */
  readonly ended: Promise<Error>;
  readonly #client;
  readonly #options: SessionOptions;
  readonly #deadline: Deadline;
  #end: (reason: Error) => void = () => {};
  #endedBy: Error | null = null;
  #openedAtMs = 0;
  /** The node turned out to be a replica: its address may lead to the primary by now. */
  #isLeft = false;

  private constructor(options: SessionOptions, node: RedisClientOptions) {
    this.#options = options;
    this.#deadline = new Deadline(options.timeoutMs, (what) => this.#endLate(what));
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#client = createClient(clientOptions(options, node));
    // Without a listener, losing Redis would end the process.
    this.#client.on('error', (error: Error) => this.end(toStoreError(error, options.endpoint.location)));
  }

  /**
   * Falls back to RESP2 where RESP3 is not spoken (Redis before 6, some proxies). A session that listens can then do
   * nothing else, and cannot track.
   *
   * @throws StoreUnavailableError, StoreRefusedError
   */
  static async open(options: SessionOptions): Promise<RedisSession> {
    const { endpoint, protocol, push } = options;
    if (protocol.version === 2 && push?.trackedPrefix != null) {
      throw new StoreRefusedError(`Redis at ${endpoint.location} does not speak RESP3, which tracking needs.`);
    }
    const session = new RedisSession(options, await endpoint.resolve(options.timeoutMs));
    // It may have moved on while the session is being opened, too.
    const stop = endpoint.onMoved(() =>
      session.end(new StoreUnavailableError(`Another node of ${endpoint.location} has taken over.`)),
    );
    void session.ended.then(stop);
    try {
      await session.#start();
      session.#openedAtMs = performance.now();
      return session;
    } catch (error) {
      stop();
      if (protocol.version === 2 || !isProtocolRefused(error)) throw error;
      protocol.version = 2;
      return RedisSession.open(options);
    }
  }

  async #start(): Promise<void> {
    await this.#inTime('connect', this.#client.connect());
    if (this.#options.push === undefined) return;
    const { channels, listener } = this.#options.push;
    if (channels.length === 0) return;
    const subscribed = this.#client.subscribe([...channels], (message, channel) =>
      listener.onMessage(message, channel),
    );
    await this.#inTime('SUBSCRIBE', subscribed);
  }

  /** False also for one that is to be made anew: it ends by itself when all that was asked on it is answered. */
  get isOpen(): boolean {
    return this.#endedBy === null && !this.#isLeft;
  }

  /** True for one that is to be made anew since its node is a replica. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Sends one command. `raw`: strings in the reply are Buffers. Maps are lists of keys and values, in turn. */
  async send(args: readonly string[], raw = false): Promise<Reply> {
    const options = raw ? AS_BUFFERS : AS_TEXT;
    return this.#reply(args, this.#client.sendCommand<Reply>([...args], options as never));
  }

  /** Sends one command that a key of a wrong type may refuse: null, then. */
  async ask(args: readonly string[]): Promise<Reply> {
    try {
      return await this.send(args);
    } catch (error) {
      if (error instanceof WrongTypeError) return null;
      throw error;
    }
  }

  /**
   * Sends reading commands as one transaction, and returns the reply of each. The first of them reads what every commit
   * changes.
   *
   * @param options raw: strings are Buffers. forgivesType: a key of a wrong type is answered with null instead of an error.
   */
  async transaction(
    commands: readonly (readonly string[])[],
    { raw = false, forgivesType = false } = {},
  ): Promise<readonly Reply[]> {
    const replies = await this.#atOnce(commands, raw);
    return replies.map((reply, n) => {
      if (!(reply instanceof ErrorReply)) return reply;
      const error = this.#toError(reply, commands[n]);
      if (forgivesType && error instanceof WrongTypeError) return null;
      throw error;
    });
  }

  async #atOnce(commands: readonly (readonly string[])[], raw: boolean): Promise<readonly (Reply | ErrorReply)[]> {
    try {
      const sent = [['MULTI'], ...commands, ['EXEC']].map((command) => this.send(command, raw));
      return (await Promise.all(sent)).at(-1) as readonly (Reply | ErrorReply)[];
    } catch (error) {
      if (!isOutOfMemory(error)) throw error;
      // Out of memory Redis still answers reads, but not in a transaction. Where no commit came between the first reply
      // and its repetition, the others are of one moment, too.
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        const replies = await Promise.all(
          [...commands, ...commands.slice(0, 1)].map((command) => this.#try(command, raw)),
        );
        if (isDeepStrictEqual(replies[0], replies.at(-1))) return replies.slice(0, -1);
      }
      throw error;
    }
  }

  async #try(command: readonly string[], raw: boolean): Promise<Reply | ErrorReply> {
    try {
      return await this.send(command, raw);
    } catch (error) {
      if (error instanceof ConfigError && error.cause instanceof ErrorReply) return error.cause;
      throw error;
    }
  }

  /** True where one connection can do both, listen and ask: in RESP3. */
  get hearsWhileAsking(): boolean {
    return this.#options.protocol.version === 3;
  }

  async subscribe(channel: string, onMessage: (message: string) => void): Promise<void> {
    await this.#inTime('SUBSCRIBE', this.#client.subscribe(channel, onMessage));
  }

  async unsubscribe(channel: string): Promise<void> {
    await this.#inTime('UNSUBSCRIBE', this.#client.unsubscribe(channel));
  }

  /** Ends the connection. Whatever is under way rejects. Idempotent. */
  end(reason: Error = new ClosedError('The connection')): void {
    if (this.#endedBy !== null) return;
    this.#endedBy = reason;
    this.#deadline.stop();
    this.#client.destroy();
    this.#end(reason);
  }

  async #reply<T>(command: readonly string[], reply: Promise<T>): Promise<T> {
    const waiting = this.#deadline.begin(command[0] ?? '');
    try {
      return await reply;
    } catch (error) {
      throw this.#failure(error, command);
    } finally {
      this.#deadline.end(waiting);
      if (this.#isLeft && this.#deadline.isIdle) this.end();
    }
  }

  /** For what the driver leaves waiting when the connection ends. */
  async #inTime<T>(what: string, task: Promise<T>): Promise<T> {
    try {
      return await within(task, this.#options.timeoutMs, () => this.#endLate(what));
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** What was answered counts, though the connection ended since. */
  #failure(error: unknown, command?: readonly string[]): ConfigError {
    return this.#toError(error instanceof ErrorReply ? error : (this.#endedBy ?? error), command);
  }

  #endLate(what: string): Error {
    const { timeoutMs, endpoint } = this.#options;
    const error = new StoreUnavailableError(
      `Redis at ${endpoint.location} did not answer ${what} within ${timeoutMs} ms.`,
    );
    this.end(error);
    return error;
  }

  #toError(cause: unknown, [name = '', key]: readonly string[] = []): ConfigError {
    const { location, canMove } = this.#options.endpoint;
    // A script takes its own keys apart, and says which it is.
    const error = toStoreError(cause, location, { canMove, key: name.startsWith('EVAL') ? undefined : key });
    // Without that answer as its cause: whatever else is under way may have been done.
    if (isElsewhere(error)) this.end(new StoreUnavailableError(error.message));
    else if (isReadOnly(error)) this.#isLeft = performance.now() - this.#openedAtMs > REPLICA_MS;
    return error;
  }
}

/** HELLO is not known, not allowed, or answered with another protocol than the one asked for. */
function isProtocolRefused(error: unknown): boolean {
  return error instanceof StoreRefusedError && /NOPROTO|unknown command.*hello/i.test(error.message);
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof StoreRefusedError && error.cause instanceof Error && error.cause.message.startsWith('OOM');
}

function clientOptions(
  { timeoutMs, push, protocol, name = CLIENT_NAME }: SessionOptions,
  node: RedisClientOptions,
): RedisClientOptions {
  return {
    ...node,
    RESP: protocol.version as 3,
    name,
    socket: { ...node.socket, connectTimeout: timeoutMs, reconnectStrategy: false },
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // The driver's own timeout doesn't cover commands that are sent.
    commandOptions: { timeout: 0 },
    ...(push?.trackedPrefix != null && { clientSideCache: new Tracking(push.trackedPrefix, push.listener) }),
  };
}
