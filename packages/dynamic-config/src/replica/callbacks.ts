import { assertKey, isKey } from '../change-set.ts';
import type { AppliedChange } from '../applied-change.ts';

/**
 * Told that a key changed, by anyone. `value` is undefined when the key was deleted, and has no default.
 * A returned promise is awaited before the next call for the same key.
 *
 * @typeParam T what a value is: text, unless the key is declared as a setting of another type.
 */
export type ChangeCallback<T = string> = (
  key: string,
  value: T | undefined,
  change: AppliedChange<T>,
) => void | Promise<void>;

/** What a callback threw or rejected with. */
export type CallbackErrorListener = (error: unknown, key: string) => void;

/**
 * Delivers changes to callbacks, off the path of whoever applied them. Each registration has a lane for each key: calls
 * are in order, the final value is always delivered, values in between may be skipped, and no lane delays another.
 */
export class Callbacks {
  readonly #ofKey = new Map<string, Set<Registration>>();
  readonly #ofPrefix = new Set<Registration>();
  readonly #onError: CallbackErrorListener;

  constructor(onError: CallbackErrorListener) {
    this.#onError = onError;
  }

  /**
   * @param pattern a key, or the beginning of keys and a `*`: `alerter_*`, `*`.
   * @throws InvalidKeyError
   */
  register(pattern: string, callback: ChangeCallback<unknown>): () => void {
    const prefix = prefixOf(pattern);
    const registration = new Registration(prefix ?? pattern, callback, this.#onError);
    const registrations = prefix === null ? this.#registrationsOf(pattern) : this.#ofPrefix;
    registrations.add(registration);
    return () => {
      registration.stop();
      registrations.delete(registration);
      if (registrations.size === 0 && this.#ofKey.get(pattern) === registrations) this.#ofKey.delete(pattern);
    };
  }

  deliver(changes: readonly AppliedChange<unknown>[]): void {
    if (this.#ofKey.size === 0 && this.#ofPrefix.size === 0) return;
    for (const change of changes) {
      for (const registration of this.#ofKey.get(change.key) ?? []) registration.push(change);
      for (const registration of this.#ofPrefix) {
        if (change.key.startsWith(registration.begins)) registration.push(change);
      }
    }
  }

  /** Drops what is not delivered yet; nothing is called any more. */
  stop(): void {
    for (const registrations of [...this.#ofKey.values(), this.#ofPrefix]) {
      for (const registration of registrations) registration.stop();
    }
    this.#ofKey.clear();
    this.#ofPrefix.clear();
  }

  #registrationsOf(key: string): Set<Registration> {
    const registrations = this.#ofKey.get(key) ?? new Set();
    this.#ofKey.set(key, registrations);
    return registrations;
  }
}

/** What the keys of a pattern begin with; null for a key. */
function prefixOf(pattern: string): string | null {
  const prefix = typeof pattern === 'string' && pattern.endsWith('*') ? pattern.slice(0, -1) : null;
  if (prefix !== null && isKey(`${prefix}_`)) return prefix;
  assertKey(pattern);
  return null;
}

class Registration {
  /** What the keys begin with that it is told of. */
  readonly begins: string;
  readonly #callback: ChangeCallback<unknown>;
  readonly #onError: CallbackErrorListener;
  /** A key is here while its calls go on; with the change that waits for the call under way to end, if there is one. */
  readonly #lanes = new Map<string, AppliedChange<unknown> | null>();
  #stopped = false;

  constructor(begins: string, callback: ChangeCallback<unknown>, onError: CallbackErrorListener) {
    this.begins = begins;
    this.#callback = callback;
    this.#onError = onError;
  }

  push(change: AppliedChange<unknown>): void {
    if (this.#stopped) return;
    const waiting = this.#lanes.get(change.key);
    // The callback never saw what is skipped, so the change it gets starts from the value that it last saw.
    this.#lanes.set(change.key, waiting == null ? change : { ...change, previousValue: waiting.previousValue });
    if (waiting === undefined) queueMicrotask(() => void this.#run(change.key));
  }

  stop(): void {
    this.#stopped = true;
    this.#lanes.clear();
  }

  async #run(key: string): Promise<void> {
    for (let change = this.#lanes.get(key); change != null; change = this.#lanes.get(key)) {
      this.#lanes.set(key, null);
      try {
        await this.#callback(key, change.value ?? undefined, change);
      } catch (error) {
        this.#onError(error, key);
      }
    }
    this.#lanes.delete(key);
  }
}
