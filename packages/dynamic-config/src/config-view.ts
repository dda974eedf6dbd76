import { KeyNotFoundError } from './errors.ts';
import type { Entry, Head } from './store.ts';
import type { KeyOf, StringValues } from './typed-values.ts';

/**
 * All entries at one revision; never changes. For a request that must see the same settings from beginning to end.
 *
 * @example
 * using view = config.snapshot();
 * if (view.get('mode') === 'shed') drop(view.get('threshold'));
 */
export class ConfigView<V extends object = StringValues> implements Disposable {
  readonly head: Head;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #values: ReadonlyMap<string, unknown>;
  #all: Readonly<V> | null = null;

  constructor(head: Head, entries: Iterable<readonly [string, Entry]>, values: Iterable<readonly [string, unknown]>) {
    this.head = head;
    this.#entries = new Map(entries);
    this.#values = new Map(values);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @throws KeyNotFoundError when there is no such entry and no default. */
  get<K extends KeyOf<V>>(key: K): V[K];
  get<K extends KeyOf<V>, D>(key: K, defaultValue: D): V[K] | D;
  get(key: string, ...defaultValue: [] | [unknown]): unknown {
    const value = this.#values.get(key);
    if (value !== undefined) return value;
    if (defaultValue.length === 0) throw new KeyNotFoundError(key);
    return defaultValue[0];
  }

  /** A key's value as it is stored, with its revision, time and author. */
  entry(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  entries(): IterableIterator<[string, Entry]> {
    return this.#entries.entries();
  }

  /** All values by key, sorted and frozen; without a prototype, so that any key is safe. */
  getAll(): Readonly<V> {
    this.#all ??= allOf<V>(this.#values);
    return this.#all;
  }

  /** Holds nothing that must be released; `using` says how long a view is meant to be used. */
  [Symbol.dispose](): void {}
}

/** The keys, in the default order: sorting pairs with a comparator takes twice as long. */
export function sortedKeys(values: ReadonlyMap<string, unknown>): readonly string[] {
  return [...values.keys()].toSorted();
}

/** Values by key, in the order of `keys`, frozen, and without a prototype. */
export function allOf<V extends object>(
  values: ReadonlyMap<string, unknown>,
  keys: readonly string[] = sortedKeys(values),
): Readonly<V> {
  const all = Object.create(null) as Record<string, unknown>;
  for (const key of keys) all[key] = values.get(key);
  return Object.freeze(all) as Readonly<V>;
}
