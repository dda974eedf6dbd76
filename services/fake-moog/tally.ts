const SECONDS = 60;

/** What was received, by alert. Its memory is bounded: of more than `maxIds` alerts it forgets the oldest. */
export class Tally {
  readonly #times = new Map<string, number>();
  /** Received in each of the last seconds, by the second. */
  readonly #perSecond = new Map<number, number>();
  readonly #maxIds: number;
  readonly #nowMs: () => number;
  #received = 0;
  #duplicates = 0;
  requests = 0;

  constructor({ maxIds, nowMs }: { readonly maxIds: number; readonly nowMs: () => number }) {
    this.#maxIds = maxIds;
    this.#nowMs = nowMs;
  }

  count(ids: readonly string[]): void {
    for (const id of ids) {
      const times = this.#times.get(id) ?? 0;
      this.#times.set(id, times + 1);
      this.#received += 1;
      if (times > 0) this.#duplicates += 1;
      const [oldest] = this.#times.keys();
      if (this.#times.size > this.#maxIds && oldest !== undefined) this.#times.delete(oldest);
    }
    const second = this.#second();
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + ids.length);
    for (const one of this.#perSecond.keys()) if (one <= second - SECONDS) this.#perSecond.delete(one);
  }

  get stats() {
    const second = this.#second();
    return {
      received: this.#received,
      unique: this.#received - this.#duplicates,
      duplicates: this.#duplicates,
      requests: this.requests,
      /** The last 60 seconds, the one that is not over yet last. */
      per_second: Array.from({ length: SECONDS }, (_, n) => this.#perSecond.get(second - SECONDS + 1 + n) ?? 0),
    };
  }

  /** Every alert that is remembered, and those that came more than once. */
  get ids() {
    const repeats = [...this.#times].filter(([, times]) => times > 1);
    return { ids: [...this.#times.keys()], repeats: Object.fromEntries(repeats) };
  }

  #second(): number {
    return Math.floor(this.#nowMs() / 1000);
  }
}
