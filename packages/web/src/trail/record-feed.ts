import type { AuditRecord, AuditReply } from '../api/replies.ts';

export interface FeedState {
  /** The newest first. */
  readonly records: readonly AuditRecord[];
  /** Those are what other filters left, until the first answer to these. */
  readonly isOfOthers: boolean;
  /** Newer than those, and not shown yet. */
  readonly pending: readonly AuditRecord[];
  /** Where the next page begins; null: there is none; undefined: nothing was loaded yet. */
  readonly cursor: string | null | undefined;
  readonly isLoading: boolean;
  /** Why the last page is not there. */
  readonly error: Error | null;
  /** As many records are held as may be: older ones are for the filters to find. */
  readonly isFull: boolean;
  /** Ids of what was shown a moment ago. */
  readonly fresh: ReadonlySet<number>;
}

export interface RecordFeedOptions {
  readonly load: (cursor: string | null, signal: AbortSignal) => Promise<AuditReply>;
  /** Calls back after a while; returns its undo. */
  readonly after?: (ms: number, callback: () => void) => () => void;
  /** What to show until the first answer. */
  readonly before?: readonly AuditRecord[];
  readonly mostRecords?: number;
}

/** Many changes a second are looked at together. */
const LOOK_APART_MS = 500;
const FRESH_MS = 2_500;
/** Pages that are read to find out what is new; beyond, the list begins anew. */
const MOST_NEW_PAGES = 3;
const MOST_RECORDS = 10_000;
/** No view shows more of a value, and thousands of records are held. */
const MOST_VALUE = 20_000;
const NONE: ReadonlySet<number> = new Set();

/**
 * Records of the audit trail that match some filters, page by page, and those that come while one looks. New ones wait until
 * they are asked for, so that nothing moves under a reader's eyes.
 */
export class RecordFeed {
  readonly #options: Required<RecordFeedOptions>;
  readonly #listeners = new Set<() => void>();
  #state: FeedState;
  #stopped = new AbortController();
  #isLooking = false;
  #isLookDue = false;
  /** Where the page behind the pending records begins, if they do not join those that are shown. */
  #cursorOfPending: string | null | undefined = undefined;

  constructor(options: RecordFeedOptions) {
    this.#options = { after: afterTimeout, before: [], mostRecords: MOST_RECORDS, ...options };
    const records = this.#options.before;
    this.#state = {
      records,
      isOfOthers: records.length > 0,
      pending: [],
      cursor: undefined,
      isLoading: false,
      error: null,
      isFull: false,
      fresh: NONE,
    };
  }

  readonly current = (): FeedState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Loads the first page; returns what ends all that is under way. */
  start(): () => void {
    this.#stopped = new AbortController();
    this.#set({ isLoading: false });
    void this.loadMore();
    return () => this.#stopped.abort();
  }

  /** Loads the next page, unless that is under way or there is none. */
  async loadMore(): Promise<void> {
    const { cursor, isLoading, isFull } = this.#state;
    if (isLoading || isFull || cursor === null) return;
    const { signal } = this.#stopped;
    this.#set({ isLoading: true, error: null });
    try {
      const page = await this.#options.load(cursor ?? null, signal);
      if (signal.aborted) return;
      const known = cursor === undefined ? [] : this.#state.records;
      this.#hold([...known, ...page.records.map(lightened)], page.next_cursor, { isLoading: false, isOfOthers: false });
    } catch (error) {
      if (signal.aborted) return;
      this.#set({ isLoading: false, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  /** Looks for what is new. */
  look(): void {
    if (this.#state.cursor === undefined) {
      void this.loadMore();
      return;
    }
    if (this.#isLooking) {
      this.#isLookDue = true;
      return;
    }
    this.#isLooking = true;
    const next = (): void => {
      this.#isLooking = false;
      if (!this.#isLookDue || this.#stopped.signal.aborted) return;
      this.#isLookDue = false;
      this.look();
    };
    void this.#readNew(this.#stopped.signal)
      // The next look may do better; that the server is not there, the page says already.
      .catch(() => {})
      .finally(() => this.#options.after(LOOK_APART_MS, next));
  }

  /** Shows what is new. */
  showPending(): void {
    const { pending, records, cursor } = this.#state;
    if (pending.length === 0) return;
    const fresh = new Set(pending.map(({ id }) => id));
    const joins = this.#cursorOfPending === undefined;
    const next = joins ? cursor : this.#cursorOfPending;
    this.#hold(joins ? [...pending, ...records] : pending, next ?? null, { pending: [], fresh });
    this.#cursorOfPending = undefined;
    this.#options.after(FRESH_MS, () => {
      if (this.#state.fresh === fresh) this.#set({ fresh: NONE });
    });
  }

  async #readNew(signal: AbortSignal): Promise<void> {
    const { records, pending } = this.#state;
    const known = new Set([...pending, ...records].map(({ id }) => id));
    const found: AuditRecord[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < MOST_NEW_PAGES; pages += 1) {
      const page = await this.#options.load(cursor, signal);
      if (signal.aborted) return;
      const firstKnown = page.records.findIndex(({ id }) => known.has(id));
      const isJoined = firstKnown !== -1;
      found.push(...page.records.slice(0, isJoined ? firstKnown : undefined).map(lightened));
      if (isJoined || page.next_cursor === null) {
        if (isJoined) this.#hasFound([...found, ...this.#state.pending], undefined);
        else this.#hasFound(found, known.size === 0 ? undefined : null);
        return;
      }
      cursor = page.next_cursor;
    }
    this.#hasFound(found, cursor);
  }

  #hasFound(pending: readonly AuditRecord[], cursorBehind: string | null | undefined): void {
    if (cursorBehind !== undefined) this.#cursorOfPending = cursorBehind;
    if (pending.length !== this.#state.pending.length || cursorBehind !== undefined) this.#set({ pending });
  }

  #hold(records: readonly AuditRecord[], cursor: string | null, change: Partial<FeedState>): void {
    const { mostRecords } = this.#options;
    const held = records.slice(0, mostRecords);
    const last = held.at(-1);
    const isCut = held.length < records.length && last !== undefined;
    this.#set({
      ...change,
      records: held,
      cursor: isCut ? `${Date.parse(last.changed_at)}-${last.id}` : cursor,
      isFull: records.length >= mostRecords && (isCut || cursor !== null),
    });
  }

  #set(change: Partial<FeedState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** With no more of its values than can be seen. */
function lightened(record: AuditRecord): AuditRecord {
  const { old_values: before, new_values: after } = record;
  if (!isLong(before) && !isLong(after)) return record;
  return { ...record, old_values: cut(before), new_values: cut(after) };
}

function isLong(values: AuditRecord['old_values']): boolean {
  return typeof values?.value === 'string' && values.value.length > MOST_VALUE;
}

function cut(values: AuditRecord['old_values']): AuditRecord['old_values'] {
  if (values === null || !isLong(values)) return values;
  const value = values.value ?? '';
  return { ...values, value: `${value.slice(0, MOST_VALUE)}… (${value.length.toLocaleString('en')} characters)` };
}

function afterTimeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
