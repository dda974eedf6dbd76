import { NO_HEAD, sameHead } from '@mutt/dynamic-config';
import type { ConfigStore, Head, LoggedCommit, Logger } from '@mutt/dynamic-config';
import type { AuditTrail, Gap } from './audit-trail.ts';

/** Appended at once: as many as are worth a transaction. */
const BATCH_COMMITS = 500;
const BATCH_LENGTH = 8 * 1024 * 1024;
/** How often the log is looked at, should nobody say that it grew. */
const POLL_MS = 5_000;
/** So that commits in quick succession are recorded together. */
const GATHER_MS = 20;
const FIRST_RETRY_MS = 500;
const MOST_RETRY_MS = 15_000;

export interface AuditFeedOptions {
  readonly store: Pick<ConfigStore, 'head' | 'history'>;
  readonly trail: AuditTrail;
  /** Keeps the store's log from being trimmed above a revision that the trail has. */
  readonly hold: (trailId: string, revision: number) => Promise<void>;
  readonly logger: Logger;
}

export interface AuditFeedStatus {
  /** Change sets that the trail does not have yet; null: never looked. */
  readonly backlog: number | null;
  /** Why it cannot be appended to; null: it can. */
  readonly lastError: Error | null;
  /** How many gaps this process has recorded, and the last of them. */
  readonly gaps: number;
  readonly lastGap: Gap | null;
}

/**
 * Brings what the store's log has into the audit trail, in order and each once.
 *
 * The log is an outbox: a commit writes it atomically with the values, and it is trimmed only below what the trail has.
 * Where the trail stands is part of the transaction that appends to it, so it does not matter when this is killed.
 */
export class AuditFeed {
  readonly #options: AuditFeedOptions;
  #turns: Promise<void> = Promise.resolve();
  /** The turn that has not begun. */
  #next: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Infinity;
  #retryMs = FIRST_RETRY_MS;
  #heldRevision: number | null = null;
  #isWarned = false;
  #isClosed = false;
  #status: AuditFeedStatus = { backlog: null, lastError: null, gaps: 0, lastGap: null };

  constructor(options: AuditFeedOptions) {
    this.#options = options;
  }

  get status(): AuditFeedStatus {
    return this.#status;
  }

  /** Begins to look at the log now and then. */
  start(): void {
    this.#schedule(0);
  }

  /** The log grew. */
  nudge(): void {
    if (this.#status.lastError === null) this.#schedule(GATHER_MS, 'sooner');
  }

  /**
   * Resolves when the trail has all that was committed before.
   *
   * @throws ConfigError, DatabaseFailure when it cannot.
   */
  async catchUp(): Promise<void> {
    // One that has not begun does for all who ask meanwhile.
    this.#next ??= this.#turns.then(() => {
      this.#next = null;
      return this.#drain();
    });
    this.#turns = this.#next.catch(() => {});
    return this.#next;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#turns;
  }

  #schedule(delayMs: number, how: 'sooner' | 'anew' = 'anew'): void {
    const dueAt = performance.now() + delayMs;
    if (this.#isClosed || (how === 'sooner' && dueAt >= this.#dueAt)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#dueAt = Infinity;
      void this.#tick();
    }, delayMs);
    this.#timer.unref();
  }

  async #tick(): Promise<void> {
    try {
      await this.catchUp();
      this.#schedule(POLL_MS, 'sooner');
    } catch {
      this.#schedule(this.#retryMs * (0.75 + Math.random() / 2));
      this.#retryMs = Math.min(2 * this.#retryMs, MOST_RETRY_MS);
    }
  }

  async #drain(): Promise<void> {
    try {
      await this.#drainAll();
      if (this.#status.lastError !== null) this.#options.logger.warn('The audit trail is written again.');
      this.#retryMs = FIRST_RETRY_MS;
      this.#status = { ...this.#status, lastError: null };
    } catch (error) {
      if (this.#status.lastError === null) {
        this.#options.logger.error(
          `The audit trail cannot be written (${(error as Error).message}). Changes go on; they wait in the store's log.`,
        );
      }
      this.#status = { ...this.#status, lastError: error as Error };
      throw error;
    }
  }

  /** Until the trail has what there was when this began: it ends, however fast the log grows. */
  async #drainAll(): Promise<void> {
    const { store, trail } = this.#options;
    let target: Head | null = null;
    while (!this.#isClosed) {
      const { log, trailId } = await trail.head();
      await this.#hold(trailId, log.revision);
      // In this order: other servers may append meanwhile, and then this head is not behind the trail.
      const head = await store.head();
      target ??= head;
      this.#status = { ...this.#status, backlog: backlogOf(log, head) };
      // A store that is empty has no history to tell, as yet.
      if (sameHead(head, log) || sameHead(head, NO_HEAD)) return;
      const commits = await this.#missing(log);
      const last = commits.at(-1);
      // A log without what the head says that it has.
      const gaps = await trail.append(log, commits, last === undefined ? head : undefined);
      if (gaps === null) continue;
      this.#report(gaps);
      this.#status = { ...this.#status, backlog: backlogOf(last ?? head, head) };
      if (isReached(target, commits)) return;
    }
  }

  /** The commits that the trail lacks, as far as the log still has them. */
  async #missing(log: Head): Promise<readonly LoggedCommit[]> {
    // With the last one that is known, if it is still there: whether the history is still the same.
    const [first, ...rest] = await this.#read(Math.max(0, log.revision - 1));
    if (first === undefined) return this.#unknown();
    if (first.revision === log.revision && first.hash === log.hash && first.epoch === log.epoch) {
      return rest;
    }
    const follows = first.revision === log.revision + 1 && first.previousHash === log.hash;
    return follows ? [first, ...rest] : this.#unknown();
  }

  /** What the log has and the trail has not, where the history is another one. */
  async #unknown(): Promise<readonly LoggedCommit[]> {
    const { store, trail } = this.#options;
    for await (const batch of batches(store.history({ afterRevision: 0 }))) {
      const unknown = await trail.withoutKnown(batch);
      if (unknown.length > 0) return unknown;
    }
    return [];
  }

  async #read(afterRevision: number): Promise<readonly LoggedCommit[]> {
    for await (const batch of batches(this.#options.store.history({ afterRevision }))) return batch;
    return [];
  }

  async #hold(trailId: string, revision: number): Promise<void> {
    if (this.#heldRevision === revision) return;
    try {
      await this.#options.hold(trailId, revision);
      this.#heldRevision = revision;
    } catch (error) {
      // The trail goes on without: what is trimmed too early will show as a gap.
      if (this.#heldRevision !== null || this.#isWarned) return;
      this.#isWarned = true;
      this.#options.logger.warn(
        `The store's log may be trimmed before the audit trail has it: ${(error as Error).message}`,
      );
    }
  }

  #report(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      this.#status = { ...this.#status, gaps: this.#status.gaps + 1, lastGap: gap };
      // A trail that begins with a store that is older than it misses nothing that it ever had.
      if (gap.from.epoch !== '') this.#options.logger.error(`A gap in the audit trail: ${gap.reason}`);
    }
  }
}

/** As many at once as are worth a transaction, and no more than there is memory for. */
async function* batches(commits: AsyncIterable<LoggedCommit>): AsyncIterable<readonly LoggedCommit[]> {
  let batch: LoggedCommit[] = [];
  let length = 0;
  for await (const commit of commits) {
    batch.push(commit);
    for (const { value } of commit.changes) length += value?.length ?? 0;
    for (const value of commit.previousValues) length += value?.length ?? 0;
    // With the one that is known already, there is one more at least.
    if (batch.length < 2 || (batch.length <= BATCH_COMMITS && length <= BATCH_LENGTH)) continue;
    yield batch;
    [batch, length] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

function isReached(target: Head, commits: readonly LoggedCommit[]): boolean {
  return commits.some((commit) => sameHead(commit, target));
}

function backlogOf(log: Head, head: Head): number {
  return head.epoch === log.epoch ? Math.max(0, head.revision - log.revision) : head.revision;
}
