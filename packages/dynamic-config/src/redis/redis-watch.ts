import type { Clock } from '../clock.ts';
import { StoreRefusedError, StoreUnavailableError } from '../errors.ts';
import type { ConfigError } from '../errors.ts';
import type { StoreListener } from '../store.ts';
import { backoff } from './backoff.ts';
import { Feed } from './feed.ts';
import { Keeper } from './keeper.ts';
import type { RedisNamespace } from './namespace.ts';
import { isPrimary } from './role.ts';
import { RedisSession } from './session.ts';
import type { SessionOptions } from './session.ts';

export interface RedisWatchOptions {
  readonly session: SessionOptions;
  readonly namespace: RedisNamespace;
  readonly listener: StoreListener;
  readonly warn: (message: string) => void;
  readonly clock: Clock;
  /** The connection that the keeper writes on. */
  readonly commands: () => Promise<RedisSession>;
}

/**
 * One watch: keeps a connection, on which pushes and the reads that answer them arrive in the order in which Redis made
 * them, and opens it anew whenever it is lost.
 */
export class RedisWatch {
  readonly #options: RedisWatchOptions;
  readonly #keeper: Keeper;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #feed: RedisSession | null = null;
  /** False once Redis refused to track: no rights to it, or no RESP3. */
  #tracks = true;
  /** Attempts since a load: connections that were refused, and such as were lost before it. */
  #failures = 0;
  #location: string;

  constructor(options: RedisWatchOptions) {
    this.#options = options;
    this.#location = options.session.endpoint.location;
    this.#keeper = new Keeper(options);
    this.#ended = this.#run();
  }

  /** The connection, while there is one that can be asked something: in RESP2 it only listens. */
  get session(): RedisSession | null {
    return this.#feed?.isOpen && this.#options.session.protocol.version === 3 ? this.#feed : null;
  }

  /** The connection was good for a load: should it be lost, the next attempt comes at once. */
  loaded(): void {
    this.#failures = 0;
  }

  /** Another connection found a primary: ends this one where it is with a replica, so that it is made anew there, too. */
  async follow(): Promise<void> {
    const feed = this.#feed;
    if (feed === null || (feed.hearsWhileAsking && (await isPrimary(feed, false)))) return;
    feed.end(new StoreUnavailableError(`Another node has taken over at ${this.#location}.`));
  }

  /** Resolves when nothing will be delivered any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#keeper.stop();
    this.#feed?.end();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#feed = await this.#open();
        if (signal.aborted) this.#feed.end();
        this.#emit({ type: 'connected', pushesWrites: this.#tracks });
        if (!signal.aborted) this.#keeper.start(this.#feed, { isToldAll: this.#tracks });
        throw await this.#feed.ended;
      } catch (error) {
        this.#feed = null;
        this.#keeper.pause();
        this.#emit({ type: 'disconnected', error: error as ConfigError });
      }
      await backoff(this.#failures++, signal);
    }
  }

  async #open(): Promise<RedisSession> {
    const { namespace, session, warn } = this.#options;
    const { entryPrefix, changes, updates } = namespace;
    const push = {
      channels: [changes, updates],
      trackedPrefix: this.#tracks ? entryPrefix : null,
      listener: new Feed(namespace, this.#emit, (what) => warn(`Ignored ${what}.`)),
    };
    try {
      return await RedisSession.open({ ...session, push });
    } catch (error) {
      if (!this.#tracks || !isTrackingRefused(error)) throw error;
      this.#tracks = false;
      warn(
        `Redis at ${this.#location} does not track writes for us (${(error as Error).message}). Writes that go past us are seen by polling.`,
      );
      return this.#open();
    }
  }

  readonly #emit: StoreListener = (event) => {
    if (this.#stopping.signal.aborted) return;
    this.#keeper.observe(event);
    this.#options.listener(event);
  };
}

/** The handshake failed for a reason that only tracking can have. */
function isTrackingRefused(error: unknown): boolean {
  return error instanceof StoreRefusedError && /tracking|unknown (sub)?command/i.test(error.message);
}
