interface Waiting {
  readonly what: string;
  readonly sinceMs: number;
}

/**
 * Watches that replies on one connection come in time. They come in order, so only the oldest question is watched: one
 * timer for the connection, instead of one for each command.
 */
export class Deadline {
  readonly #timeoutMs: number;
  readonly #onLate: (what: string) => void;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | null = null;

  /** @param onLate called once, with what was not answered within `timeoutMs`. */
  constructor(timeoutMs: number, onLate: (what: string) => void) {
    this.#timeoutMs = timeoutMs;
    this.#onLate = onLate;
  }

  /** Something was asked; the returned object stands for it. */
  begin(what: string): Waiting {
    const waiting = { what, sinceMs: performance.now() };
    this.#waiting.add(waiting);
    if (this.#timer === null) this.#watch(this.#timeoutMs);
    return waiting;
  }

  /** It was answered. */
  end(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #watch(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const [oldest] = this.#waiting;
      if (oldest === undefined) return;
      const leftMs = oldest.sinceMs + this.#timeoutMs - performance.now();
      if (leftMs > 0) this.#watch(leftMs);
      else this.#onLate(oldest.what);
    }, delayMs);
    this.#timer.unref();
  }
}
