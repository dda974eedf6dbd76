import { ConfigError } from './errors.ts';
import type { AppliedChange } from './applied-change.ts';

/** Most changes that wait for a reader: after that, only the latest of each key does; and no more keys than this. */
const MOST_WAITING = 10_000;

interface Reader<T> {
  readonly resolve: (result: IteratorResult<AppliedChange<T>> | Promise<IteratorResult<AppliedChange<T>>>) => void;
}

/**
 * Changes as an async iterator: in order, each key's latest always among them. A reader that falls far behind is given
 * the latest change of each key only, and one that falls behind by more keys than that ends with an error.
 */
export class ChangeStream<T = string> implements AsyncIterableIterator<AppliedChange<T>>, AsyncDisposable {
  readonly #onEnd: () => void;
  readonly #mostWaiting: number;
  #waiting: AppliedChange<T>[] = [];
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
    this.#waiting.push(change);
    if (this.#waiting.length <= this.#mostWaiting) return;
    this.#waiting = latestOfEach(this.#waiting);
    if (this.#waiting.length > this.#mostWaiting) {
      this.#waiting = [];
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
    const change = this.#waiting.shift();
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
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** In the order of each key's latest change, which starts from what the reader last saw of it. */
function latestOfEach<T>(changes: readonly AppliedChange<T>[]): AppliedChange<T>[] {
  const latest = new Map<string, AppliedChange<T>>();
  for (const change of changes) {
    const earlier = latest.get(change.key);
    latest.delete(change.key);
    latest.set(change.key, earlier === undefined ? change : { ...change, previousValue: earlier.previousValue });
  }
  return [...latest.values()];
}
