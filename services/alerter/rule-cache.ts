import type { Logger } from 'pino';
import { toRuleSet } from './rule-set.ts';
import type { RuleSet } from './rule-set.ts';
import type { RuleSource } from './rule-source.ts';

/** After a failure, though the rules in use may be kept for long: what is broken is soon repaired. */
const RETRY_MS = 10_000;

export interface RuleCacheOptions {
  readonly source: RuleSource;
  /** How long rules are used before they are read again: asked each time that it matters. */
  readonly maxAgeMs: () => number;
  readonly logger: Logger;
  /** Told of each reading, and what became of it. */
  readonly onRead?: (result: 'ok' | 'failed') => void;
}

/** The rules in memory: read again in the background, and the last good ones kept while they cannot be. */
export class RuleCache {
  readonly #options: RuleCacheOptions;
  #current: RuleSet | null = null;
  #readAt = performance.now();
  #problem: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | null = null;
  #isAskedAgain = false;
  #isClosed = false;

  constructor(options: RuleCacheOptions) {
    this.#options = options;
  }

  /** null: nothing could be read yet. */
  get current(): RuleSet | null {
    return this.#current;
  }

  /** Why the rules could not be read the last time, in plain words. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Since the rules in use were read; before there were any, since the start. */
  get ageSeconds(): number {
    return (performance.now() - this.#readAt) / 1_000;
  }

  /** Reads the rules now. Never rejects: what went wrong is logged, and is the `problem`. */
  async reload(): Promise<void> {
    // What is being read may be from before what the caller knows of: then once more.
    this.#isAskedAgain = this.#reading !== null;
    this.#reading ??= this.#readUntilCurrent();
    await this.#reading;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #readUntilCurrent(): Promise<void> {
    clearTimeout(this.#timer);
    do {
      this.#isAskedAgain = false;
      await this.#read();
    } while (this.#isAskedAgain);
    this.#reading = null;
    if (this.#isClosed) return;
    const maxAgeMs = this.#options.maxAgeMs();
    const waitMs = this.#problem === null ? maxAgeMs : Math.min(maxAgeMs, RETRY_MS);
    this.#timer = setTimeout(() => void this.reload(), waitMs).unref();
  }

  async #read(): Promise<void> {
    const { source, logger, onRead } = this.#options;
    try {
      const read = toRuleSet(await source.read());
      this.#current = read;
      this.#readAt = performance.now();
      this.#problem = null;
      logger.info({ rules: read.rules.length, refused: read.refused.length }, `Read the rules of ${source.name}`);
      for (const { name, reason } of read.refused) logger.error({ rule: name, reason }, `Refused ${name}: ${reason}`);
      onRead?.('ok');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#problem = `The rules of ${source.name} cannot be read: ${reason}`;
      const kept = this.#current === null ? 'there are none to use' : 'the last good ones stay in use';
      logger.error({ err: error }, `${this.#problem}; ${kept}`);
      onRead?.('failed');
    }
  }
}
