import type { Entry } from '../store.ts';
import type { ReadContext } from './read.ts';

/** An entry; null: nothing is there; a text: what is there can be no value, and why. */
export type Found = Entry | string | null;

/** What was found under each key. */
export class Findings {
  readonly entries = new Map<string, Entry>();
  readonly unreadable = new Map<string, string>();
  readonly #context: ReadContext;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** What was found last counts. */
  put(key: string, found: Found): void {
    this.entries.delete(key);
    this.unreadable.delete(key);
    if (typeof found === 'string') {
      this.unreadable.set(key, found);
      this.#context.onLeftOut(this.#context.namespace.entry(key), found);
    } else if (found !== null) {
      this.entries.set(key, found);
    }
  }
}
