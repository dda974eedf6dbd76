import type { Logger } from '../logger.ts';

/** How many different warnings are given in all, so that a stranger's keys can't flood the log or the memory. */
const MOST_WARNINGS = 100;

/** Gives each warning once. */
export class WarnOnce {
  readonly #given = new Set<string>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  warn(message: string): void {
    if (this.#given.has(message) || this.#given.size >= MOST_WARNINGS) return;
    this.#given.add(message);
    this.#logger.warn(message);
    if (this.#given.size === MOST_WARNINGS) this.#logger.warn('Further warnings of this kind are left out.');
  }
}
