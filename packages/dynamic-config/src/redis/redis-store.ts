import { ClosedError, StoreRefusedError } from '../errors.ts';
import type { ConfigError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type {
  Change,
  CommitOptions,
  ConfigStore,
  Head,
  HistoryQuery,
  LoggedCommit,
  Reading,
  Snapshot,
  StoreListener,
  Unwatch,
} from '../store.ts';
import { backoff } from './backoff.ts';
import { runCommit } from './commit-script.ts';
import { Feed } from './feed.ts';
import { loadSnapshot, readHead, readKeys, readLog } from './load.ts';
import type { LoadContext } from './load.ts';
import { DEFAULT_PREFIX, RedisNamespace } from './namespace.ts';
import { RedisSession } from './session.ts';
import type { SessionOptions } from './session.ts';
import { WarnOnce } from './warn-once.ts';

export interface RedisStoreOptions {
  /** Entries are the Redis strings `prefix:key`. Default `mutt:config`. */
  readonly prefix?: string;
  /** Longest wait for a connection or a reply, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
  /** Where warnings go. Default `console`. */
  readonly logger?: Logger;
}

const HISTORY_PAGE = 500;

/**
 * Entries in Redis, shared with legacy peers and `redis-cli`; see docs/architecture.md for what it keeps there.
 *
 * Two connections: one for commits, made when first needed, and, while watching, one on which pushes and the reads that
 * answer them arrive in the order in which Redis made them.
 */
export class RedisStore implements ConfigStore {
  readonly location: string;
  readonly #namespace: RedisNamespace;
  readonly #sessionOptions: Omit<SessionOptions, 'push'>;
  readonly #warnings: WarnOnce;
  #commands: Promise<RedisSession> | null = null;
  #feed: RedisSession | null = null;
  #unwatch: Unwatch | null = null;
  /** False once Redis refused to track: no rights to it, or a server older than 6.0. */
  #tracks = true;
  #closed = false;

  private constructor(url: string, options: RedisStoreOptions) {
    this.#namespace = new RedisNamespace(options.prefix ?? DEFAULT_PREFIX);
    this.location = locationOf(url);
    this.#sessionOptions = { url, location: this.location, timeoutMs: options.timeoutMs ?? 2_000 };
    this.#warnings = new WarnOnce(options.logger ?? console);
  }

  /**
   * Connects on first use.
   *
   * @param url `redis[s]://[[user]:password@]host[:port][/db]`
   * @throws InvalidOptionError
   */
  static open(url: string, options: RedisStoreOptions = {}): RedisStore {
    return new RedisStore(url, options);
  }

  async load(): Promise<Snapshot> {
    return loadSnapshot(await this.#reader());
  }

  async read(keys: readonly string[]): Promise<Reading> {
    return readKeys(await this.#reader(), keys);
  }

  async head(): Promise<Head> {
    return readHead(await this.#reader());
  }

  async commit(changes: readonly Change[], options: CommitOptions): Promise<LoggedCommit> {
    return runCommit(await this.#session(), this.#namespace, changes, options);
  }

  async *history({ afterRevision }: HistoryQuery): AsyncIterable<LoggedCommit> {
    for (let after = afterRevision; ;) {
      const page = await readLog(await this.#reader(), after, HISTORY_PAGE);
      yield* page;
      const newest = page.at(-1);
      if (newest === undefined || page.length < HISTORY_PAGE) return;
      after = newest.revision;
    }
  }

  watch(listener: StoreListener): Unwatch {
    this.#assertOpen();
    const stopping = new AbortController();
    const watching = this.#keepWatching(listener, stopping.signal);
    this.#unwatch = async () => {
      stopping.abort();
      this.#feed?.end();
      await watching;
    };
    return this.#unwatch;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#unwatch?.();
    const commands = await this.#commands?.catch(() => null);
    commands?.end();
  }

  async #keepWatching(listener: StoreListener, stopping: AbortSignal): Promise<void> {
    const emit: StoreListener = (event) => {
      if (!stopping.aborted) listener(event);
    };
    for (let failures = 0; !stopping.aborted; failures++) {
      try {
        this.#feed = await this.#openFeed(emit);
        if (stopping.aborted) this.#feed.end();
        else failures = 0;
        emit({ type: 'connected', pushesWrites: this.#tracks });
        throw await this.#feed.ended;
      } catch (error) {
        this.#feed = null;
        emit({ type: 'disconnected', error: error as ConfigError });
      }
      await backoff(failures, stopping);
    }
  }

  async #openFeed(emit: StoreListener): Promise<RedisSession> {
    const { entryPrefix, changes, updates } = this.#namespace;
    const feed = new Feed(this.#namespace, emit, (what) => this.#warnings.warn(`Ignored ${what}.`));
    const push = {
      channels: [changes, updates],
      trackedPrefix: this.#tracks ? entryPrefix : null,
      listener: feed,
    };
    try {
      return await RedisSession.open({ ...this.#sessionOptions, push });
    } catch (error) {
      if (!this.#tracks || !isTrackingRefused(error)) throw error;
      this.#tracks = false;
      this.#warnings.warn(
        `Redis at ${this.location} does not track writes for us (${(error as Error).message}). Writes that go past us are seen by polling.`,
      );
      return this.#openFeed(emit);
    }
  }

  async #reader(): Promise<LoadContext> {
    this.#assertOpen();
    const session = this.#feed?.isOpen ? this.#feed : await this.#session();
    return {
      session,
      namespace: this.#namespace,
      onSkipped: (redisKey, why) => this.#warnings.warn(`Left out the Redis key ${JSON.stringify(redisKey)}: ${why}.`),
    };
  }

  /** The connection for commits, one for all who ask at the same time; made anew when it was lost. */
  async #session(): Promise<RedisSession> {
    for (;;) {
      this.#assertOpen();
      const opening = (this.#commands ??= RedisSession.open(this.#sessionOptions));
      let isOpen = false;
      try {
        const session = await opening;
        isOpen = session.isOpen;
        if (isOpen) return session;
      } finally {
        if (!isOpen && this.#commands === opening) this.#commands = null;
      }
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('The store');
  }
}

/** The handshake failed for a reason that only tracking can have. */
function isTrackingRefused(error: unknown): boolean {
  return error instanceof StoreRefusedError && /tracking|unknown (sub)?command/i.test(error.message);
}

function locationOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
