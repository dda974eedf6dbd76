import { systemClock } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { ClosedError, InvalidOptionError } from '../errors.ts';
import { formatInstanceName, newInstanceName } from '../instance-name.ts';
import { safeLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import type { Service } from '../service.ts';
import type {
  Change,
  CommitOptions,
  ConfigStore,
  Head,
  HistoryQuery,
  LoggedCommit,
  Reading,
  Registration,
  Registrations,
  Snapshot,
  StoreListener,
  Unwatch,
} from '../store.ts';
import { clientEndpoint } from './client-endpoint.ts';
import { runCommit } from './commit-script.ts';
import { endpointOf } from './endpoint-of.ts';
import type { Endpoint } from './endpoint.ts';
import { holdLog } from './hold-log.ts';
import { listListeners } from './instances.ts';
import type { Listeners } from './instances.ts';
import { loadSnapshot } from './load.ts';
import { DEFAULT_PREFIX, RedisNamespace } from './namespace.ts';
import { logAfter, readHead, readKeys } from './read.ts';
import type { ReadContext } from './read.ts';
import type { NodeRedisClient } from './node-redis-client.ts';
import { isElsewhere, notUnderstood } from './redis-error.ts';
import { readRegistrations, register } from './registrations.ts';
import { RedisWatch } from './redis-watch.ts';
import { isPrimary } from './role.ts';
import { RedisSession } from './session.ts';
import type { SessionOptions } from './session.ts';
import { WarnOnce } from './warn-once.ts';

export interface RedisStoreOptions {
  /** Entries are the Redis strings `prefix:key`. Default `mutt:config`. */
  readonly prefix?: string;
  /** Longest wait for a connection or a reply, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
  /** Who this is, for whoever looks who is connected. Default: as for `connect`. */
  readonly service?: Service;
  /** Where warnings go. Default `console`. */
  readonly logger?: Logger;
  /** Tests pass their own. */
  readonly clock?: Clock;
}

const DEFAULT_TIMEOUT_MS = 2_000;

/**
 * Entries in Redis, shared with legacy peers and `redis-cli`; see docs/architecture.md for what it keeps there.
 *
 * Two connections: one for what writes, made when first needed, and, while watching, one on which pushes and the reads that
 * answer them arrive in the order in which Redis made them.
 */
export class RedisStore implements ConfigStore {
  readonly location: string;
  readonly #namespace: RedisNamespace;
  readonly #sessionOptions: SessionOptions;
  /** Of the connection that listens. */
  readonly #instanceName: string;
  readonly #warnings: WarnOnce;
  readonly #clock: Clock;
  #commands: Promise<RedisSession> | null = null;
  #watch: RedisWatch | null = null;
  /** The node that writes went to is a replica by now. */
  #seeksPrimary = false;
  /** The last load failed, or is still under way. */
  #hasLoadFailed = false;
  #closed = false;

  private constructor(endpoint: Endpoint, options: RedisStoreOptions) {
    const { prefix = DEFAULT_PREFIX, timeoutMs = DEFAULT_TIMEOUT_MS, logger = console } = options;
    if (!(timeoutMs > 0 && timeoutMs < 2 ** 31)) {
      throw new InvalidOptionError(`timeoutMs is a number of milliseconds above 0, not ${timeoutMs}.`);
    }
    this.#namespace = new RedisNamespace(prefix, endpoint.database);
    this.location = endpoint.location;
    this.#sessionOptions = { endpoint, timeoutMs, protocol: { version: 3 } };
    this.#instanceName = formatInstanceName(newInstanceName(options.service), prefix);
    this.#warnings = new WarnOnce(safeLogger(logger));
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Connects on first use.
   *
   * @param url `redis[s]://[[user]:password@]host[:port][/db]`; with several nodes
   *   `redis[s]-sentinel://[[user]:password@]host[:port],…/name` or `redis[s]-cluster://[[user]:password@]host[:port],…`
   * @throws InvalidOptionError also when the prefix has no hash tag, on a Cluster.
   */
  static open(url: string, options: RedisStoreOptions = {}): RedisStore {
    return new RedisStore(endpointOf(url, options.prefix ?? DEFAULT_PREFIX), options);
  }

  /**
   * A store where a client of yours is connected to: of `createClient`, `createSentinel` or `createCluster`. It opens
   * connections of its own, on first use, and follows the client to another primary. The client stays yours: it is only
   * asked where to connect, and never closed.
   *
   * @throws InvalidOptionError also when the prefix has no hash tag, on a Cluster.
   */
  static over(client: NodeRedisClient, options: RedisStoreOptions = {}): RedisStore {
    return new RedisStore(clientEndpoint(client, options.prefix ?? DEFAULT_PREFIX), options);
  }

  async load(held: Iterable<string> = []): Promise<Snapshot> {
    const openAnother = (): Promise<RedisSession> => RedisSession.open(this.#sessionOptions);
    const trustsLengths = !this.#hasLoadFailed;
    this.#hasLoadFailed = true;
    const reader = await this.#reader();
    const snapshot = await this.#understood(loadSnapshot({ ...reader, openAnother, trustsLengths }, held));
    this.#hasLoadFailed = false;
    this.#watch?.loaded();
    return snapshot;
  }

  async read(keys: readonly string[]): Promise<Reading> {
    return this.#understood(readKeys(await this.#reader(), keys));
  }

  async head(): Promise<Head> {
    return this.#understood(readHead(await this.#reader()));
  }

  async commit(changes: readonly Change[], options: CommitOptions): Promise<LoggedCommit> {
    try {
      return await this.#understood(runCommit(await this.#session(), this.#namespace, changes, options));
    } catch (error) {
      if (!isElsewhere(error)) throw error;
      return this.#understood(runCommit(await this.#session(), this.#namespace, changes, options));
    }
  }

  async *history({ afterRevision }: HistoryQuery): AsyncIterable<LoggedCommit> {
    this.#assertOpen();
    // Redis cuts a connection that listens when a page is large, and nobody should wait behind it.
    const session = await RedisSession.open(this.#sessionOptions);
    try {
      yield* logAfter(session, this.#namespace, afterRevision);
    } catch (error) {
      throw notUnderstood(error, this.location);
    } finally {
      session.end();
    }
  }

  /**
   * Keeps the log from being trimmed above a revision, until told another one: by a consumer group of this name. For
   * whoever must read all of the log, such as an audit trail.
   */
  async holdLog(group: string, revision: number): Promise<void> {
    return holdLog(await this.#session(), this.#namespace, group, revision);
  }

  /** Who listens to this namespace, as far as this user of Redis may ask. */
  async listeners(): Promise<Listeners> {
    this.#assertOpen();
    // The list of a large fleet takes its time: no change should wait behind it.
    const session = await RedisSession.open(this.#sessionOptions);
    try {
      return await this.#understood(listListeners(session, this.#namespace));
    } finally {
      session.end();
    }
  }

  async register(registration: Registration): Promise<void> {
    return this.#understood(register(await this.#session(), this.#namespace, registration));
  }

  async registrations(): Promise<Registrations> {
    const { session, namespace } = await this.#reader();
    return this.#understood(readRegistrations(session, namespace));
  }

  watch(listener: StoreListener): Unwatch {
    this.#assertOpen();
    const watch = new RedisWatch({
      session: { ...this.#sessionOptions, name: this.#instanceName },
      namespace: this.#namespace,
      listener,
      warn: (message) => this.#warnings.warn(message),
      clock: this.#clock,
      commands: () => this.#commandSession(),
    });
    this.#watch = watch;
    return () => watch.stop();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#watch?.stop();
    const commands = await this.#commands?.catch(() => null);
    commands?.end();
    this.#sessionOptions.endpoint.close();
  }

  async #reader(): Promise<ReadContext> {
    this.#assertOpen();
    const watched = this.#watch?.session ?? null;
    return {
      session: watched ?? (await this.#session()),
      namespace: this.#namespace,
      onLeftOut: (redisKey, why) => this.#warnings.warn(`Left out the Redis key ${JSON.stringify(redisKey)}: ${why}.`),
    };
  }

  /** Whatever a task fails with, as an error of ours. */
  async #understood<T>(task: Promise<T>): Promise<T> {
    try {
      return await task;
    } catch (error) {
      throw notUnderstood(error, this.location);
    }
  }

  async #session(): Promise<RedisSession> {
    this.#assertOpen();
    return this.#commandSession();
  }

  /** The connection for what writes, one for all who ask at the same time; made anew when it was lost. */
  async #commandSession(): Promise<RedisSession> {
    for (;;) {
      const opening = (this.#commands ??= this.#openCommands());
      let isOpen = false;
      try {
        const session = await opening;
        isOpen = session.isOpen;
        if (isOpen) return session;
        this.#seeksPrimary ||= session.isLeft;
      } finally {
        if (!isOpen && this.#commands === opening) this.#commands = null;
      }
    }
  }

  async #openCommands(): Promise<RedisSession> {
    const session = await RedisSession.open(this.#sessionOptions);
    if (this.#seeksPrimary && (await isPrimary(session))) {
      this.#seeksPrimary = false;
      await this.#watch?.follow();
    }
    return session;
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('The store');
  }
}
