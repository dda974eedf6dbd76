import type { Clock } from './clock.ts';
import { InvalidOptionError } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Service } from './service.ts';
import type { Settings, ValuesOf } from './settings/declaration.ts';
import type { Validate } from './settings/cross-checks.ts';
import type { InvalidSetting } from './settings/setting-values.ts';

export interface ConnectOptions {
  /** Namespace: all keys are `prefix:key`. Default `mutt:config`. Redis only. */
  readonly prefix?: string;
  /** The staleness bound in seconds, 0.1 to 3600: after that long without proof, `status()` says so. Default 5. */
  readonly cacheTtl?: number;
  /** Who is recorded as the author of this instance's changes. Default `<user>@<host>`. A server records its own sign-in instead. */
  readonly changedBy?: string;
  /** API key of a server (`http://`, `https://`). */
  readonly apiKey?: string;
  /** Start the watcher at once. Default true. */
  readonly startWatcher?: boolean;
  /**
   * How long `connect` tries to load, with and without a watcher, in milliseconds; after that it fails, or begins with
   * `snapshotFile`. Default 10,000.
   */
  readonly startupTimeoutMs?: number;
  /** Where warnings go. Default `console`. */
  readonly logger?: Logger;
  /** Told what a callback threw or rejected with. Default: logged. */
  readonly onError?: (error: unknown, key: string) => void;
  /**
   * A file that holds the last known good values, for a start without the store. Its folder must exist. Not to be shared
   * between instances of different namespaces.
   */
  readonly snapshotFile?: string;
  /**
   * Who this is: whoever looks who is connected sees it, and the settings that it declares hold for the server and
   * `muttctl`. Default: what npm says of the program that it runs, or the name of its file.
   */
  readonly service?: Service;
  /** Time, for tests. */
  readonly clock?: Clock;
}

/** Checks values against each other: problems, as sentences. `'key' in values` tells whether a key has one. */
export type Check<V> = (values: V) => readonly string[];

/** Options of `connect` for a service that declares its settings. */
export interface TypedConnectOptions<S extends Settings> extends ConnectOptions {
  /**
   * The settings of this service: `get` and `set` take and return values of their types, and a stored value that is
   * refused is not served.
   */
  readonly settings: S;
  /**
   * Checks values against each other: returns problems, as sentences, or none. Applied to whole change sets. A check is
   * not asked while a key that it reads has no value, so give each rule a function of its own. What is wrong already, a
   * change may leave so.
   */
  readonly validate?: Check<ValuesOf<S>> | readonly Check<ValuesOf<S>>[];
  /** Told of a stored value that is not served. Default: logged. */
  readonly onInvalid?: (invalid: InvalidSetting) => void;
}

/** What `connect` is given, whatever is declared. */
export interface AnyConnectOptions extends ConnectOptions {
  readonly settings?: Settings;
  readonly validate?: Validate | readonly Validate[];
  readonly onInvalid?: (invalid: InvalidSetting) => void;
}

/** Options of one change set. */
export interface ChangeOptions {
  /** Why; recorded with the change. */
  readonly reason?: string | undefined;
  /** Who; default as given to `connect`. */
  readonly changedBy?: string | undefined;
  /** false: announce nothing; others see the change through tracking, or within `cacheTtl`. Default true. */
  readonly notify?: boolean | undefined;
  /** Commit only if the namespace is still at this revision. */
  readonly ifRevision?: number | undefined;
  /** Makes a retry idempotent: the same id is applied once. Default random. */
  readonly requestId?: string | undefined;
  /** Ties the change to what caused it elsewhere, such as the request that a service works on; recorded with it. */
  readonly correlationId?: string | undefined;
  /** Has a server set what it would refuse by the declared settings; it records the reason as `Forced: …`. Default false. */
  readonly force?: boolean | undefined;
}

/** Options of `set` and `delete`: as for a change set, but `ifRevision` is the key's (0: only if it has no entry). */
export type SetOptions = ChangeOptions;

const DEFAULT_CACHE_TTL = 5;
const DEFAULT_STARTUP_TIMEOUT_MS = 10_000;

/** @throws InvalidOptionError */
export function cacheTtlMsOf({ cacheTtl = DEFAULT_CACHE_TTL }: ConnectOptions): number {
  if (cacheTtl >= 0.1 && cacheTtl <= 3600) return cacheTtl * 1000;
  throw new InvalidOptionError(`cacheTtl is a number of seconds from 0.1 to 3600, not ${cacheTtl}.`);
}

/** @throws InvalidOptionError */
export function startupTimeoutMsOf({ startupTimeoutMs = DEFAULT_STARTUP_TIMEOUT_MS }: ConnectOptions): number {
  // Longer ones overflow a timer, which then fires at once.
  if (startupTimeoutMs >= 0 && startupTimeoutMs <= 2 ** 31 - 1) return startupTimeoutMs;
  throw new InvalidOptionError(`startupTimeoutMs is a number of milliseconds from 0, not ${startupTimeoutMs}.`);
}
