import type { InvalidSetting } from './settings/setting-values.ts';

/**
 * - `live`: every write by anyone reaches this instance, and that was proven within `cacheTtl`.
 * - `polling`: the same, but the store can't announce writes: they are seen within `cacheTtl`.
 * - `stale`: connected, but not proven current within `cacheTtl`; or the watcher is stopped.
 * - `offline`: the store is out of reach. Reads go on from memory.
 */
export type State = 'live' | 'polling' | 'stale' | 'offline';

/**
 * The store came back empty, or with a history that began without our keys (a restart without persistence, FLUSHALL).
 * The values are kept, and served; `restore()` puts them back, `acceptLoss()` gives them up.
 */
export interface Alarm {
  readonly code: 'store_emptied';
  readonly message: string;
  /** Keys that are served though the store lost them, sorted. */
  readonly keys: readonly string[];
  /** Where this instance stood when the store turned out to be emptied. */
  readonly epoch: string;
  readonly revision: number;
}

/** What an instance knows about itself. */
export interface Status {
  readonly state: State;
  /** How writes that go past us reach this instance: announced by the store, or looked for every `cacheTtl`; null: not connected. */
  readonly mode: 'tracking' | 'polling' | null;
  /** Random id of the namespace's lifetime; `''` while nothing was ever committed. */
  readonly epoch: string;
  readonly revision: number;
  /** Milliseconds since the instance was last proven current; Infinity before its first load. */
  readonly ageMs: number;
  /** Number of entries in memory. */
  readonly entries: number;
  /** Where the values are from: the store, the snapshot file (the store was not reached yet), or nowhere yet. */
  readonly source: 'store' | 'file' | 'none';
  /** Where the entries live, without credentials. */
  readonly location: string;
  /** The failure since which the instance was not proven current; null while all is well. */
  readonly lastError: Error | null;
  readonly alarm: Alarm | null;
  /**
   * Stored values that are not served, since they fail their setting, or can be no value at all (no UTF-8, over 1 MiB, no
   * string): the last good one, or the default, is.
   */
  readonly invalid: readonly InvalidSetting[];
  /** How many values were refused since the start. */
  readonly rejections: number;
}
