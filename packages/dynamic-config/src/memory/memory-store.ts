import { ClosedError } from '../errors.ts';
import type {
  Change,
  CommitOptions,
  ConfigStore,
  Entry,
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
import { MemoryNamespace } from './memory-namespace.ts';

/**
 * Entries in this process's memory: the reference implementation of `ConfigStore`, and what to use in your own tests.
 * Stores that share a `MemoryNamespace` see each other's changes, as two processes on one Redis do.
 *
 * @example
 * const config = await DynamicConfig.connect(new MemoryStore());
 */
export class MemoryStore implements ConfigStore {
  readonly location = 'memory';
  readonly #namespace: MemoryNamespace;
  #listener: StoreListener | null = null;
  #closed = false;

  constructor(namespace = new MemoryNamespace()) {
    this.#namespace = namespace;
  }

  async load(): Promise<Snapshot> {
    this.#assertOpen();
    const entries = new Map<string, Entry>();
    for (const key of this.#namespace.keys()) {
      const entry = this.#namespace.entry(key);
      if (entry !== null) entries.set(key, entry);
    }
    return { head: this.#namespace.head, entries };
  }

  async read(keys: readonly string[]): Promise<Reading> {
    this.#assertOpen();
    return {
      head: this.#namespace.head,
      entries: new Map(keys.map((key) => [key, this.#namespace.entry(key)])),
    };
  }

  async head(): Promise<Head> {
    this.#assertOpen();
    return this.#namespace.head;
  }

  async commit(changes: readonly Change[], options: CommitOptions): Promise<LoggedCommit> {
    this.#assertOpen();
    return this.#namespace.commit(changes, options);
  }

  watch(listener: StoreListener): Unwatch {
    this.#assertOpen();
    this.#stopWatching();
    this.#listener = listener;
    this.#namespace.listeners.add(listener);
    listener({ type: 'connected', pushesWrites: true });
    return async () => this.#stopWatching();
  }

  async *history(query: HistoryQuery): AsyncIterable<LoggedCommit> {
    this.#assertOpen();
    yield* this.#namespace.log.filter(({ revision }) => revision > query.afterRevision);
  }

  async register(registration: Registration): Promise<void> {
    this.#assertOpen();
    this.#namespace.register(registration);
  }

  async registrations(): Promise<Registrations> {
    this.#assertOpen();
    return this.#namespace.registrations;
  }

  async close(): Promise<void> {
    this.#stopWatching();
    this.#closed = true;
  }

  #stopWatching(): void {
    if (this.#listener !== null) this.#namespace.listeners.delete(this.#listener);
    this.#listener = null;
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('The store');
  }
}
