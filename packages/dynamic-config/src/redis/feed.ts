import { systemClock } from '../clock.ts';
import type { Commit, StoreListener } from '../store.ts';
import type { RedisNamespace } from './namespace.ts';
import { decodeAnnouncement } from './record.ts';
import type { PushListener } from './session.ts';

/** How long a commit explains an invalidation. It follows at once, or never: the deletion of nothing has none. */
const EXPLAINS_MS = 100;

/**
 * Turns the pushes of one connection into store events.
 *
 * One commit of ours is pushed up to three times: whole on `P@changes`, then by name on `P:updates`, then by tracking.
 * The first carries the values and explains the others. Anything that no announced commit explains is somebody else's
 * write. Messages can't be counted (Redis merges invalidations), so "explained" only ever means "look later".
 */
export class Feed implements PushListener {
  readonly #namespace: RedisNamespace;
  readonly #listener: StoreListener;
  readonly #onStrange: (what: string) => void;
  readonly #now: () => number;
  readonly #explainsUpdate = new Set<string>();
  readonly #explainsInvalidation = new Set<string>();
  #announcedAtMs = 0;

  /** @param now milliseconds on a clock that never jumps. */
  constructor(
    namespace: RedisNamespace,
    listener: StoreListener,
    onStrange: (what: string) => void,
    now: () => number = () => systemClock.now(),
  ) {
    this.#namespace = namespace;
    this.#listener = listener;
    this.#onStrange = onStrange;
    this.#now = now;
  }

  onMessage(message: string, channel: string): void {
    if (channel === this.#namespace.changes) this.#onCommit(message);
    else this.#onUpdate(message);
  }

  onInvalidated(redisKeys: readonly string[] | null): void {
    if (redisKeys === null) return this.#listener({ type: 'invalidated', keys: null, explained: false });
    if (this.#now() - this.#announcedAtMs > EXPLAINS_MS) this.#explainsInvalidation.clear();
    const explained: string[] = [];
    const unexplained: string[] = [];
    for (const redisKey of redisKeys) {
      const key = this.#namespace.keyOf(redisKey);
      if (key === null) this.#onStrange(`the Redis key ${JSON.stringify(redisKey)}: its name breaks the rule for keys`);
      else if (this.#explainsInvalidation.has(key)) explained.push(key);
      else unexplained.push(key);
    }
    // Redis announces the writes of a script before it goes on to anything else: what comes later is of somebody else.
    this.#explainsInvalidation.clear();
    if (unexplained.length > 0) this.#listener({ type: 'invalidated', keys: unexplained, explained: false });
    if (explained.length > 0) this.#listener({ type: 'invalidated', keys: explained, explained: true });
  }

  #onCommit(message: string): void {
    let commit;
    try {
      commit = decodeAnnouncement(message);
    } catch {
      // Not of our making. If it stands for a change all the same, tracking and the next check find it.
      return this.#onStrange(`a message on ${this.#namespace.changes} that is not a commit`);
    }
    // The record of a write past us writes nothing itself: what is pushed next is of somebody else again.
    if (commit.source === 'commit') this.#explain(commit.changes);
    this.#listener({ type: 'committed', commit });
  }

  #explain(changes: Commit['changes']): void {
    this.#announcedAtMs = this.#now();
    for (const { key } of changes) {
      this.#explainsUpdate.add(key);
      this.#explainsInvalidation.add(key);
    }
  }

  #onUpdate(message: string): void {
    const key = this.#namespace.keyOf(this.#namespace.entry(message));
    if (key === null) return this.#onStrange(`a message on ${this.#namespace.updates} that is not a key`);
    this.#listener({ type: 'invalidated', keys: [key], explained: this.#explainsUpdate.delete(key) });
  }
}
