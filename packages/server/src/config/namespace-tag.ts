import { createHash } from 'node:crypto';
import type { DynamicConfig } from '@mutt/dynamic-config';

/**
 * The ETag of all values: `"<epoch>:<revision>:<digest>"`. The digest is there because a write that went past us
 * (`redis-cli SET`) changes values without a new revision.
 */
export class NamespaceTag {
  readonly #config: DynamicConfig;
  /** The values that `#digest` is of: `getAll` returns the same object until something changes. */
  #of: object | null = null;
  #digest = '';

  constructor(config: DynamicConfig) {
    this.#config = config;
  }

  /** @param masked keys whose values are not shown. */
  current(masked: ReadonlySet<string>): string {
    const values = this.#config.getAll();
    if (values !== this.#of) {
      this.#of = values;
      this.#digest = createHash('sha1').update(JSON.stringify(values)).digest('base64url').slice(0, 16);
    }
    const { epoch, revision } = this.#config.head;
    const shown = masked.size === 0 ? '' : `:${[...masked].toSorted().join()}`;
    return `"${epoch}:${revision}:${this.#digest}${shown}"`;
  }
}
