import type { AppliedChange } from './replica.ts';

/**
 * Told that a key changed, by anyone. `value` is undefined when the key was deleted.
 * A returned promise is awaited before the next call of the same callback.
 */
export type ChangeCallback = (key: string, value: string | undefined, change: AppliedChange) => void | Promise<void>;

/** What a callback threw or rejected with. */
export type CallbackErrorListener = (error: unknown, key: string) => void;

/**
 * Delivers changes to callbacks, off the path of whoever applied them. Each registration has its own lane: calls are in
 * order, the final value is always delivered, values in between may be skipped, and no lane delays another.
 */
export class Callbacks {
  readonly #lanes = new Map<string, Set<Lane>>();
  readonly #onError: CallbackErrorListener;

  constructor(onError: CallbackErrorListener) {
    this.#onError = onError;
  }

  register(key: string, callback: ChangeCallback): () => void {
    const lane = new Lane(callback, this.#onError);
    const lanes = this.#lanes.get(key) ?? new Set();
    this.#lanes.set(key, lanes.add(lane));
    return () => {
      lane.stop();
      lanes.delete(lane);
      if (lanes.size === 0 && this.#lanes.get(key) === lanes) this.#lanes.delete(key);
    };
  }

  deliver(changes: readonly AppliedChange[]): void {
    if (this.#lanes.size === 0) return;
    for (const change of changes) {
      for (const lane of this.#lanes.get(change.key) ?? []) lane.push(change);
    }
  }

  /** Drops what is not delivered yet; nothing is called any more. */
  stop(): void {
    for (const lanes of this.#lanes.values()) for (const lane of lanes) lane.stop();
    this.#lanes.clear();
  }
}

class Lane {
  readonly #callback: ChangeCallback;
  readonly #onError: CallbackErrorListener;
  #pending: AppliedChange | null = null;
  #running = false;
  #stopped = false;

  constructor(callback: ChangeCallback, onError: CallbackErrorListener) {
    this.#callback = callback;
    this.#onError = onError;
  }

  push(change: AppliedChange): void {
    if (this.#stopped) return;
    // The callback never saw what is skipped, so the change it gets starts from the value that it last saw.
    this.#pending = this.#pending === null ? change : { ...change, previousValue: this.#pending.previousValue };
    if (this.#running) return;
    this.#running = true;
    queueMicrotask(() => void this.#run());
  }

  stop(): void {
    this.#stopped = true;
    this.#pending = null;
  }

  async #run(): Promise<void> {
    for (let change = this.#take(); change !== null; change = this.#take()) {
      try {
        await this.#callback(change.key, change.value ?? undefined, change);
      } catch (error) {
        this.#onError(error, change.key);
      }
    }
    this.#running = false;
  }

  #take(): AppliedChange | null {
    const change = this.#pending;
    this.#pending = null;
    return change;
  }
}
