interface Waiting {
  readonly what: string;
  readonly sinceMs: number;
}

/**
 * Watches that replies on one connection come in time: that something is answered within `timeoutMs` while anything is
 * asked. They come in order, so one timer for the connection does, instead of one for each command.
 */
export class Deadline {
  readonly #timeoutMs: number;
  readonly #onLate: (what: string) => void;
  readonly #waiting = new Set<Waiting>();
  #answeredAtMs = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param onLate called with what was not answered. */
  constructor(timeoutMs: number, onLate: (what: string) => void) {
    this.#timeoutMs = timeoutMs;
    this.#onLate = onLate;
  }

  /** Nothing waits for an answer. */
  get isIdle(): boolean {
    return this.#waiting.size === 0;
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
    // An answer to what was asked later does not show that this one is still to come.
    const [oldest] = this.#waiting;
    if (waiting === oldest) this.#answeredAtMs = performance.now();
    this.#waiting.delete(waiting);
  }

  stop(): void {
    this.#waiting.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** What keeps the oldest waiting, and for how much longer it may; null: nothing waits. */
  get #oldest(): { readonly what: string; readonly leftMs: number } | null {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return null;
    const leftMs = Math.max(oldest.sinceMs, this.#answeredAtMs) + this.#timeoutMs - performance.now();
    return { what: oldest.what, leftMs };
  }

  #watch(delayMs: number): void {
    this.#timer = setTimeout(() => {
      // Where this process was held up, the reply lies there unread: timers come before it.
      setImmediate(() => setImmediate(() => this.#look()));
    }, delayMs);
    this.#timer.unref();
  }

  #look(): void {
    if (this.#timer === null) return;
    this.#timer = null;
    const oldest = this.#oldest;
    if (oldest === null) return;
    if (oldest.leftMs > 0) this.#watch(oldest.leftMs);
    else this.#onLate(oldest.what);
  }
}
