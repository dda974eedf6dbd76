import { KeyNotFoundError } from './errors.ts';
import type { Entry, Head } from './store.ts';

/**
 * All entries at one revision; never changes. For a request that must see the same settings from beginning to end.
 *
 * @example
 * using view = config.snapshot();
 * if (view.get('mode') === 'shed') drop(view.get('threshold'));
 */
export class ConfigView implements Disposable {
  readonly head: Head;
  readonly #entries: ReadonlyMap<string, Entry>;
  #all: Readonly<Record<string, string>> | null = null;

  constructor(head: Head, entries: Iterable<readonly [string, Entry]>) {
    this.head = head;
    this.#entries = new Map(entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @throws KeyNotFoundError when there is no such entry and no default. */
  get(key: string): string;
  get<D>(key: string, defaultValue: D): string | D;
  get(key: string, ...defaultValue: [] | [unknown]): unknown {
    const entry = this.#entries.get(key);
    if (entry !== undefined) return entry.value;
    if (defaultValue.length === 0) throw new KeyNotFoundError(key);
    return defaultValue[0];
  }

  /** A key's value with its revision, time and author. */
  entry(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<[string, Entry]> {
    return this.#entries.entries();
  }

  /** All values by key, sorted and frozen; without a prototype, so that any key is safe. */
  getAll(): Readonly<Record<string, string>> {
    this.#all ??= allOf([...this.#entries].map(([key, { value }]) => [key, value]));
    return this.#all;
  }

  /** Holds nothing that must be released; `using` says how long a view is meant to be used. */
  [Symbol.dispose](): void {}
}

/** Values by key, sorted, frozen, and without a prototype. */
export function allOf(values: Iterable<readonly [string, string]>): Readonly<Record<string, string>> {
  const all = Object.create(null) as Record<string, string>;
  for (const [key, value] of [...values].toSorted(byKey)) all[key] = value;
  return Object.freeze(all);
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
