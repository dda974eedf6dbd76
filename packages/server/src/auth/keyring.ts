import { timingSafeEqual } from 'node:crypto';
import { hashApiKey } from './api-key.ts';
import type { ApiKey } from './api-key.ts';

/** The keys that open this server, in memory. */
export class Keyring {
  readonly #keys: readonly ApiKey[];

  constructor(keys: readonly ApiKey[]) {
    this.#keys = keys;
  }

  /** Whose key this is; null when nobody's. Takes the same time for a wrong key, a missing one and the right one. */
  identify(presented: string | undefined): ApiKey | null {
    const hash = hashApiKey(presented ?? '');
    let found: ApiKey | null = null;
    for (const key of this.#keys) {
      if (timingSafeEqual(key.hash, hash)) found = key;
    }
    return presented === undefined ? null : found;
  }
}
