import type { ChangeSource } from './store.ts';

/**
 * One key as it changed in an instance.
 *
 * @typeParam T what a value is: text, unless the key is declared as a setting of another type.
 */
export interface AppliedChange<T = string> {
  readonly key: string;
  /** null: the key was deleted, and has no default. */
  readonly value: T | null;
  /** What this instance held before; null: nothing. */
  readonly previousValue: T | null;
  /** The revision that last changed the key, 0 when no commit ever did. */
  readonly revision: number;
  /** Milliseconds since 1970 by the store's clock; null when unknown (out of band). */
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
  readonly reason: string | null;
  readonly source: ChangeSource;
}
