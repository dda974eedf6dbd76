import type { InvalidSetting } from './settings/setting-values.ts';
import type { Unreadable } from './store.ts';

export interface UnreadableValuesOptions {
  /** The others do not concern this instance. */
  readonly isOurs: (key: string) => boolean;
  /** Told of each, once for as long as it stays so. */
  readonly onInvalid: (invalid: InvalidSetting) => void;
}

/** What the store holds and no setting can refuse, since it is no value at all: what was there before is served on. */
export class UnreadableValues {
  readonly #options: UnreadableValuesOptions;
  #known = new Map<string, InvalidSetting>();
  #taken: Unreadable = new Map();
  #rejections = 0;

  constructor(options: UnreadableValuesOptions) {
    this.#options = options;
  }

  get invalid(): readonly InvalidSetting[] {
    return [...this.#known.values()];
  }

  /** How many were found so far. */
  get rejections(): number {
    return this.#rejections;
  }

  /** Takes which keys they are by now. */
  update(unreadable: Unreadable): void {
    if (unreadable === this.#taken) return;
    this.#taken = unreadable;
    const before = this.#known;
    this.#known = new Map();
    for (const [key, why] of unreadable) {
      if (!this.#options.isOurs(key)) continue;
      const problem = `The value of ${key} cannot be read: ${why}.`;
      const known = before.get(key);
      const invalid = known?.problem === problem ? known : { key, problem, revision: 0, changedBy: null };
      this.#known.set(key, invalid);
      if (invalid === known) continue;
      this.#rejections += 1;
      this.#options.onInvalid(invalid);
    }
  }
}
