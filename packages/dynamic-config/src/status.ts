import type { Head } from './store.ts';

/**
 * - `live`: every write by anyone reaches this instance, and that was proven within `cacheTtl`.
 * - `polling`: the same, but the store can't announce writes: they are seen within `cacheTtl`.
 * - `stale`: connected, but not proven current within `cacheTtl`; or the watcher is stopped.
 * - `offline`: the store is out of reach. Reads go on from memory.
 */
export type State = 'live' | 'polling' | 'stale' | 'offline';

/** What an instance knows about itself. */
export interface Status extends Omit<Head, 'hash'> {
  readonly state: State;
  /** Milliseconds since the instance was last proven current; Infinity before its first load. */
  readonly ageMs: number;
  /** Number of entries in memory. */
  readonly entries: number;
  /** Where the entries live, without credentials. */
  readonly location: string;
  /** The failure since which the instance was not proven current; null while all is well. */
  readonly lastError: Error | null;
}
