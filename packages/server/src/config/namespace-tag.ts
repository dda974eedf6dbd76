import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { Principal } from '../auth/principal.ts';

/**
 * The ETag of all values: `"<epoch>:<revision>:<digest>"`. The digest is there because a write that went past us
 * (`redis-cli SET`) changes values without a new revision.
 */
export class NamespaceTag {
  readonly #config: DynamicConfig;
  /** Hides the digest from whoever does not see all values: short ones could be found out from it. */
  readonly #salt = randomBytes(32);
  /** The values that `#digest` is of: `getAll` returns the same object until something changes. */
  #of: object | null = null;
  #digest = '';

  constructor(config: DynamicConfig) {
    this.#config = config;
  }

  /** As somebody sees them, with these keys declared as secret. */
  current({ keyPatterns, readsSecrets }: Principal, secretKeys: ReadonlySet<string>): string {
    const values = this.#config.getAll();
    if (values !== this.#of) {
      this.#of = values;
      this.#digest = createHash('sha1').update(JSON.stringify(values)).digest('base64url').slice(0, 16);
    }
    const { epoch, revision } = this.#config.head;
    const masked = readsSecrets ? [] : [...secretKeys].toSorted();
    if (keyPatterns === null && masked.length === 0) return `"${epoch}:${revision}:${this.#digest}"`;
    const seen = JSON.stringify([this.#digest, keyPatterns, masked]);
    const digest = createHmac('sha1', this.#salt).update(seen).digest('base64url').slice(0, 16);
    return `"${epoch}:${revision}:${digest}"`;
  }
}
