import { BasicClientSideCache } from '@redis/client';
import type { PushListener } from './session.ts';

/**
 * The driver's way in for invalidation pushes. It makes tracking part of the handshake; nothing is cached here.
 * BCAST: Redis announces every write under the prefix, and remembers nothing per client.
 */
export class Tracking extends BasicClientSideCache {
  readonly #prefix: string;
  readonly #listener: PushListener;
  #keys: string[] = [];

  constructor(prefix: string, listener: PushListener) {
    super();
    this.#prefix = prefix;
    this.#listener = listener;
  }

  override trackingOn(): string[] {
    return ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', this.#prefix];
  }

  override async handleCache(
    ...[, , send, transform]: Parameters<BasicClientSideCache['handleCache']>
  ): Promise<unknown> {
    const reply = await send();
    return transform === undefined ? reply : transform(reply);
  }

  /** Called key by key; the keys of one message (one script, one MULTI) are handed on together. */
  override invalidate(key: string | Buffer | null): void {
    if (key === null) return this.#listener.onInvalidated(null);
    if (this.#keys.push(key.toString()) > 1) return;
    queueMicrotask(() => {
      const keys = this.#keys;
      this.#keys = [];
      this.#listener.onInvalidated(keys);
    });
  }
}
