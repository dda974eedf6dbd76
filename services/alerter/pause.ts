import { setTimeout as sleep } from 'node:timers/promises';

/** A wait that can be cut short, by whoever changed what is waited for. */
export class Pause {
  readonly #stopping: AbortSignal;
  #wake = new AbortController();

  /** @param stopping ends every wait. */
  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
  }

  async for(ms: number): Promise<void> {
    const wake = this.#wake;
    const end = (): void => wake.abort();
    this.#stopping.addEventListener('abort', end, { once: true });
    if (this.#stopping.aborted) end();
    await sleep(ms, undefined, { signal: wake.signal }).catch(() => {});
    this.#stopping.removeEventListener('abort', end);
  }

  /** Ends the wait that is on, if one is. */
  cutShort(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }
}
