import { createHash, randomUUID } from 'node:crypto';
import { RevisionConflictError } from '../errors.ts';
import { decodeRegistrations, encodeRegistration, MOST_REGISTRATIONS } from '../registration.ts';
import type { StoredRegistration } from '../registration.ts';
import { NO_HEAD } from '../store.ts';
import type {
  Change,
  Commit,
  CommitOptions,
  CommittedChange,
  Entry,
  Head,
  LoggedCommit,
  Registration,
  Registrations,
  StoreEvent,
  StoreListener,
} from '../store.ts';

/** What a `MemoryNamespace` takes from outside, so that tests decide about time and chance. */
export interface MemoryNamespaceOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newEpoch: () => string;
}

/** How many commits, and the request ids in them, are remembered. */
const LOG_LIMIT = 10_000;

interface IndexEntry {
  readonly value: string;
  readonly revision: number;
  readonly changedAtMs: number;
  readonly changedBy: string | null;
}

/** One namespace in memory, shared by the stores opened on it: what a Redis is to several instances. */
export class MemoryNamespace {
  readonly listeners = new Set<StoreListener>();
  readonly log: LoggedCommit[] = [];
  readonly #requests = new Map<string, LoggedCommit>();
  #head: Head = NO_HEAD;
  /** What the keys hold, whoever wrote it. */
  readonly #values = new Map<string, string>();
  /** What commits put there. Where the two differ, somebody wrote out of band. */
  readonly #index = new Map<string, IndexEntry>();
  readonly #registrations = new Map<string, StoredRegistration>();
  readonly #options: MemoryNamespaceOptions;

  constructor(options: MemoryNamespaceOptions = { now: Date.now, newEpoch: randomUUID }) {
    this.#options = options;
  }

  get head(): Head {
    return this.#head;
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }

  entry(key: string): Entry | null {
    const value = this.#values.get(key);
    if (value === undefined) return null;
    const indexed = this.#index.get(key);
    if (indexed?.value === value) return indexed;
    return { value, revision: indexed?.revision ?? 0, changedAtMs: null, changedBy: null };
  }

  writeRaw(key: string, value: string | null): void {
    this.#put(key, value);
    this.#announce({ type: 'invalidated', keys: [key], explained: false });
  }

  get registrations(): Registrations {
    return decodeRegistrations(this.#options.now(), this.#registrations.values());
  }

  register(registration: Registration): void {
    const { id, text } = encodeRegistration(registration);
    const seenAtMs = this.#options.now();
    const registeredAtMs = this.#registrations.get(id)?.registeredAtMs ?? seenAtMs;
    // The last to be seen is the last of the map.
    this.#registrations.delete(id);
    this.#registrations.set(id, { text, registeredAtMs, seenAtMs });
    const [oldest] = this.#registrations.keys();
    if (this.#registrations.size > MOST_REGISTRATIONS && oldest !== undefined) this.#registrations.delete(oldest);
  }

  commit(changes: readonly Change[], options: CommitOptions): LoggedCommit {
    const repeated = this.#requests.get(options.requestId);
    if (repeated !== undefined) return repeated;
    const outOfBand = changes.map(({ key }) => key).filter((key) => this.#isOutOfBand(key));
    const conflict = this.#conflict(changes, options, outOfBand);
    // Recorded in any case: otherwise no reader could ever name the revision to retry with.
    if (outOfBand.length > 0) this.#adopt(outOfBand, options.notify);
    if (conflict !== null) throw conflict;
    const committed = this.#append(
      changes.map(({ key, value }) => ({ key, value })),
      changes.map(({ key }) => this.#values.get(key) ?? null),
      {
        changedBy: options.changedBy,
        reason: options.reason,
        source: 'commit',
        requestId: options.requestId,
        correlationId: options.correlationId ?? null,
      },
    );
    this.#announceCommit(committed, options.notify);
    return committed;
  }

  #isOutOfBand(key: string): boolean {
    return this.#values.get(key) !== this.#index.get(key)?.value;
  }

  /** An out-of-band write counts as a revision of its own, so a precondition from before it fails. */
  #conflict(
    changes: readonly Change[],
    options: CommitOptions,
    outOfBand: readonly string[],
  ): RevisionConflictError | null {
    const adopted = this.#head.revision + (outOfBand.length > 0 ? 1 : 0);
    if (options.ifRevision !== null && options.ifRevision !== adopted) {
      return new RevisionConflictError(null, options.ifRevision, adopted);
    }
    for (const { key, ifRevision } of changes) {
      if (ifRevision === null) continue;
      const current = this.#revisionOf(key, outOfBand, adopted);
      if (ifRevision !== current) return new RevisionConflictError(key, ifRevision, current);
    }
    return null;
  }

  #revisionOf(key: string, outOfBand: readonly string[], adopted: number): number {
    if (!this.#values.has(key)) return 0;
    return outOfBand.includes(key) ? adopted : (this.#index.get(key)?.revision ?? 0);
  }

  #adopt(keys: readonly string[], notify: boolean): void {
    const changes = keys.map((key) => ({ key, value: this.#values.get(key) ?? null }));
    const previousValues = keys.map((key) => this.#index.get(key)?.value ?? null);
    const adopted = this.#append(changes, previousValues, {
      changedBy: null,
      reason: null,
      source: 'out-of-band',
      requestId: null,
      correlationId: null,
    });
    this.#announceCommit(adopted, notify);
  }

  #append(
    changes: readonly CommittedChange[],
    previousValues: readonly (string | null)[],
    origin: Pick<Commit, 'changedBy' | 'reason' | 'source' | 'requestId' | 'correlationId'>,
  ): LoggedCommit {
    const epoch = this.#head.epoch === '' ? this.#options.newEpoch() : this.#head.epoch;
    const revision = this.#head.revision + 1;
    const changedAtMs = this.#options.now();
    const previousHash = this.#head.hash;
    const record = JSON.stringify([epoch, revision, changedAtMs, origin, changes]);
    const hash = createHash('sha1').update(previousHash).update(record).digest('hex');
    const logged: LoggedCommit = {
      epoch,
      revision,
      hash,
      previousHash,
      changes,
      changedAtMs,
      ...origin,
      previousValues,
    };
    this.#remember(logged);
    for (const { key, value } of changes) {
      this.#put(key, value);
      if (value === null) this.#index.delete(key);
      else this.#index.set(key, { value, revision, changedAtMs, changedBy: origin.changedBy });
    }
    this.#head = { epoch, revision, hash };
    return logged;
  }

  #remember(logged: LoggedCommit): void {
    this.log.push(logged);
    if (logged.requestId !== null) this.#requests.set(logged.requestId, logged);
    if (this.log.length <= LOG_LIMIT) return;
    const forgotten = this.log.shift();
    if (typeof forgotten?.requestId === 'string') this.#requests.delete(forgotten.requestId);
  }

  #put(key: string, value: string | null): void {
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
  }

  #announceCommit({ previousValues, ...commit }: LoggedCommit, notify: boolean): void {
    const keys = commit.changes.map(({ key }) => key);
    if (notify) this.#announce({ type: 'committed', commit });
    this.#announce({ type: 'invalidated', keys, explained: notify });
  }

  #announce(event: StoreEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
