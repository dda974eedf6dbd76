import { ConfigError } from './errors.ts';
import type { AppliedChange } from './applied-change.ts';

/** Most changes that wait for a reader: after that, only the latest of each key does; and no more keys than this. */
const MOST_WAITING = 10_000;

interface Reader<T> {
  readonly resolve: (result: IteratorResult<AppliedChange<T>> | Promise<IteratorResult<AppliedChange<T>>>) => void;
}

/**
 * Changes as an async iterator: in order, each key's latest always among them. A reader that falls far behind is given
 * the latest change of each key only, until it has caught up; one that falls behind by more keys than that ends with an
 * error.
 */
export class ChangeStream<T = string> implements AsyncIterableIterator<AppliedChange<T>>, AsyncDisposable {
  readonly #onEnd: () => void;
  readonly #mostWaiting: number;
  #waiting: AppliedChange<T>[] = [];
  /** What waits for a reader that fell far behind, until it has caught up; null: it has. */
  #latest: LatestOfEach<T> | null = null;
  readonly #readers: Reader<T>[] = [];
  #ended = false;
  #error: Error | null = null;

  constructor(onEnd: () => void, mostWaiting = MOST_WAITING) {
    this.#onEnd = onEnd;
    this.#mostWaiting = mostWaiting;
  }

  push(change: AppliedChange<T>): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) return reader.resolve({ done: false, value: change });
    if (this.#latest === null) this.#waiting.push(change);
    else this.#latest.push(change);
    if (this.#waiting.length > this.#mostWaiting) {
      this.#latest = new LatestOfEach(this.#waiting);
      this.#waiting = [];
    }
    if (this.#latest !== null && this.#latest.size > this.#mostWaiting) {
      this.#latest = null;
      this.end(new ConfigError('changes_lost', `The reader of changes() fell behind by ${this.#mostWaiting} keys.`));
    }
  }

  /** What waits is still read; then the iterator is done, or throws. */
  end(error: Error | null = null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#onEnd();
    for (const reader of this.#readers.splice(0)) reader.resolve(this.next());
  }

  async next(): Promise<IteratorResult<AppliedChange<T>>> {
    const change = this.#takeNext();
    if (change !== undefined) return { done: false, value: change };
    if (this.#error !== null) {
      const error = this.#error;
      this.#error = null;
      throw error;
    }
    if (this.#ended) return { done: true, value: undefined };
    return new Promise((resolve) => this.#readers.push({ resolve }));
  }

  /** What `break` in a `for await` calls: what waits is dropped. */
  async return(): Promise<IteratorResult<AppliedChange<T>>> {
    this.#waiting = [];
    this.#latest = null;
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #takeNext(): AppliedChange<T> | undefined {
    if (this.#latest === null) return this.#waiting.shift();
    const change = this.#latest.shift();
    if (this.#latest.size === 0) this.#latest = null;
    return change;
  }
}

/** In the order of each key's latest change, which starts from what the reader last saw of it. A push costs the same at any size. */
class LatestOfEach<T> {
  readonly #byKey = new Map<string, AppliedChange<T>>();

  constructor(changes: readonly AppliedChange<T>[]) {
    for (const change of changes) this.push(change);
  }

  get size(): number {
    return this.#byKey.size;
  }

  push(change: AppliedChange<T>): void {
    const { key } = change;
    const earlier = this.#byKey.get(key);
    // Put in anew, so that it comes last.
    this.#byKey.delete(key);
    this.#byKey.set(key, earlier === undefined ? change : { ...change, previousValue: earlier.previousValue });
  }

  shift(): AppliedChange<T> | undefined {
    const [first] = this.#byKey.values();
    if (first !== undefined) this.#byKey.delete(first.key);
    return first;
  }
}
