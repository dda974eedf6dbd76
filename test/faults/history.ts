import type { CommittedChange, Head } from '@mutt/dynamic-config';

/**
 * What happened in a run, as it was seen by whoever did it: what `checkHistory` judges. Events of one instance are in the
 * order in which it saw them; those of several instances are in none. Kept as JSON, a line each.
 */
export type HistoryEvent =
  /** Somebody is about to write it, through us or past us. A null value deletes. */
  | { readonly is: 'attempted'; readonly key: string; readonly value: string | null }
  /** A commit was confirmed. `expected`: the revision that its key had to be at. */
  | {
      readonly is: 'acknowledged';
      readonly requestId: string;
      readonly revision: number;
      /** Of the log, where whoever was told knows it. */
      readonly hash?: string;
      readonly expected?: { readonly key: string; readonly revision: number };
    }
  /** An instance has loaded, and serves these values from here on. */
  | { readonly is: 'began'; readonly instance: string; readonly head: Head; readonly values: Values }
  /** It made a step: these keys, and no others, are different now. */
  | {
      readonly is: 'stepped';
      readonly instance: string;
      readonly previousHead: Head;
      readonly head: Head;
      readonly changes: readonly CommittedChange[];
      readonly atMs: number;
    }
  /** What its reader finds for keys that belong together does not, or reading failed. */
  | { readonly is: 'misread'; readonly instance: string; readonly what: string; readonly invariant: 'T' | 'U' | 'H' }
  /** A callback of it was told. */
  | { readonly is: 'called'; readonly instance: string; readonly key: string; readonly value: string | null }
  /** It was killed: it need not be current in the end. */
  | { readonly is: 'killed'; readonly instance: string }
  /** In the end, the log of the store holds this commit. */
  | {
      readonly is: 'committed';
      readonly head: Head;
      readonly previousHash: string;
      readonly requestId: string | null;
      readonly changes: readonly CommittedChange[];
    }
  /** In the end, the audit trail holds this record. */
  | { readonly is: 'recorded'; readonly head: Head; readonly key: string; readonly value: string | null }
  /** In the end, the store holds this, and nothing else. */
  | { readonly is: 'stored'; readonly values: Values };

export type Values = Readonly<Record<string, string>>;

/** Keys that every change set sets to the same value. */
export type Pair = readonly [string, string];
