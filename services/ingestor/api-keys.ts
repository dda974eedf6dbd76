import { hash, timingSafeEqual } from 'node:crypto';

/** The keys that let a client in. How long a look-up takes tells nothing of them: digests are compared, and all of them. */
export class ApiKeys {
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digestOf);
  }

  includes(given: string): boolean {
    const digest = digestOf(given);
    return this.#digests.filter((known) => timingSafeEqual(known, digest)).length > 0;
  }
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
