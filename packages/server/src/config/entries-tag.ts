import { createHmac, randomBytes } from 'node:crypto';
import type { ConfigView, SettingsRegistry } from '@mutt/dynamic-config';
import type { Principal } from '../auth/principal.ts';

/**
 * The ETag of entries as people look at them: of this process only, in which every step of the values, and of what is
 * declared, makes another one.
 */
export class EntriesTag {
  /** Or a process that was started anew would count to the same numbers. */
  readonly #salt = randomBytes(32);
  #steps = 0;
  #view: ConfigView | null = null;
  #registry: SettingsRegistry | null = null;

  current(view: ConfigView, registry: SettingsRegistry, { keyPatterns }: Principal): string {
    if (view !== this.#view || registry !== this.#registry) {
      this.#steps += 1;
      [this.#view, this.#registry] = [view, registry];
    }
    const { epoch, revision } = view.head;
    const seen = JSON.stringify([this.#steps, keyPatterns]);
    const digest = createHmac('sha1', this.#salt).update(seen).digest('base64url').slice(0, 16);
    return `"${epoch}:${revision}:${digest}"`;
  }
}
