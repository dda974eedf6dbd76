import type { EntriesReply, ListedEntry } from '../api/replies.ts';

/** Whether what is shown is proven current: `connecting` at first, `lost` while events do not arrive. */
type LiveState = 'connecting' | 'live' | 'lost';

/** All entries that one may see, at a moment; replaced as a whole by every change. */
export interface Entries {
  readonly state: LiveState;
  /** null before the first answer. */
  readonly byKey: ReadonlyMap<string, ListedEntry> | null;
  readonly revision: number;
  /** When a key was seen to change here, as `performance.now()` tells it. */
  readonly litAtMs: ReadonlyMap<string, number>;
  /** Why the last look at the entries failed, or nobody vouches for them; null when that is not so. */
  readonly error: Error | null;
  /** The store came back empty: what is shown is what the server still holds. */
  readonly isStoreEmptied: boolean;
}

/** Where the server stands, by its own account. */
export interface Standing {
  readonly epoch: string;
  readonly revision: number;
  readonly isStoreEmptied: boolean;
}

export interface LiveEntriesOptions {
  /** @param keys which to look at; null: all. */
  readonly load: (keys: readonly string[] | null) => Promise<EntriesReply>;
  readonly openEvents: () => EventSource;
  /** Asks where the server stands; fails where it does not say, or cannot tell what is current. */
  readonly ask: () => Promise<Standing>;
  readonly nowMs?: () => number;
  /** Calls back after a while; returns its undo. */
  readonly after?: (ms: number, callback: () => void) => () => void;
}

/** More keys than this are not worth naming: all are loaded. */
const MOST_NAMED_KEYS = 50;
const RETRY_MS = 2_000;
const LIT_MS = 3_000;
/** A stream that ends is noticed; one on which nothing comes any more looks like a quiet one. */
const ASK_EVERY_MS = 10_000;

/**
 * Keeps the entries current: an event of the server says which keys changed, and those are read anew. Events carry no values
 * here, so a secret never reaches the page unasked, and one answer of the server decides what a row shows.
 */
export class LiveEntries {
  readonly #options: Required<LiveEntriesOptions>;
  readonly #listeners = new Set<() => void>();
  readonly #changeListeners = new Set<(keys: readonly string[] | null) => void>();
  #entries: Entries = {
    state: 'connecting',
    byKey: null,
    revision: 0,
    litAtMs: new Map(),
    error: null,
    isStoreEmptied: false,
  };
  #events: EventSource | null = null;
  /** What is to be read anew; null: all of it. */
  #pending: Set<string> | null = new Set();
  #isReading = false;
  #cancelRetry: () => void = () => {};
  #cancelAsking: () => void = () => {};
  #epoch = '';
  #hasHeard = false;
  /** The server could not vouch for what is shown when it was last asked. */
  #isInDoubt = false;

  constructor(options: LiveEntriesOptions) {
    this.#options = { nowMs: () => performance.now(), after: afterTimeout, ...options };
  }

  readonly current = (): Entries => this.#entries;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Calls the listener with the keys that changed, by anyone; null: it is not known which. */
  readonly onChange = (listener: (keys: readonly string[] | null) => void): (() => void) => {
    this.#changeListeners.add(listener);
    return () => void this.#changeListeners.delete(listener);
  };

  /** Begins to listen; returns its undo. */
  start(): () => void {
    const events = this.#options.openEvents();
    this.#events = events;
    events.addEventListener('connected', () => {
      this.#set({ state: 'live' });
      this.#readAll();
    });
    events.addEventListener('reset', () => this.refresh());
    for (const type of ['commit', 'invalidated', 'observed']) {
      events.addEventListener(type, (event) => this.#readKeys(keysOf(type, (event as MessageEvent<string>).data)));
    }
    // The browser opens it again by itself, unless it was refused.
    events.addEventListener('error', () => {
      this.#set({ state: 'lost' });
      if (events.readyState !== EventSource.CLOSED) return;
      this.#cancelRetry = this.#options.after(RETRY_MS, () => {
        if (this.#events === events) this.start();
      });
    });
    this.refresh();
    return () => this.#stop();
  }

  /** Looks at the entries again, whatever the events say. */
  refresh(): void {
    this.#readAll();
    void this.#askServer();
  }

  #stop(): void {
    this.#events?.close();
    this.#events = null;
    this.#cancelRetry();
    this.#cancelAsking();
  }

  #askSoon(): void {
    this.#cancelAsking();
    this.#hasHeard = false;
    this.#cancelAsking = this.#options.after(ASK_EVERY_MS, () => void this.#askServer());
  }

  /** Whether what is shown is current, asked past the stream: a server, or its store, may be there and not answer. */
  async #askServer(): Promise<void> {
    this.#cancelAsking();
    const events = this.#events;
    try {
      const { epoch, revision, isStoreEmptied } = await this.#options.ask();
      if (this.#events !== events) return;
      const wasInDoubt = this.#isInDoubt;
      this.#isInDoubt = false;
      if (isStoreEmptied !== this.#entries.isStoreEmptied) this.#set({ isStoreEmptied });
      const isBehind = revision !== this.#entries.revision || epoch !== this.#epoch;
      if (wasInDoubt || (isBehind && !this.#hasHeard && !this.#isReading)) this.#readAll();
    } catch (error) {
      if (this.#events !== events) return;
      this.#isInDoubt = true;
      this.#set({ error: toError(error) });
    }
    this.#askSoon();
  }

  #readAll(): void {
    this.#pending = null;
    for (const listener of this.#changeListeners) listener(null);
    void this.#read();
  }

  #readKeys(keys: readonly string[]): void {
    this.#hasHeard = true;
    if (this.#pending !== null) {
      for (const key of keys) this.#pending.add(key);
      if (this.#pending.size > MOST_NAMED_KEYS) this.#pending = null;
    }
    for (const listener of this.#changeListeners) listener(keys);
    void this.#read();
  }

  /** One look after another, so that the latest answer is what is shown. */
  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#pending === null || this.#pending.size > 0) {
        const keys: string[] | null = this.#pending === null ? null : [...this.#pending];
        this.#pending = new Set();
        this.#apply(keys, await this.#options.load(keys));
      }
    } catch (error) {
      this.#pending = null;
      this.#set({ error: toError(error) });
      this.#cancelRetry = this.#options.after(RETRY_MS, () => {
        if (this.#events !== null) void this.#read();
      });
    } finally {
      this.#isReading = false;
    }
  }

  #apply(keys: readonly string[] | null, { epoch, revision, entries }: EntriesReply): void {
    this.#epoch = epoch;
    const before = this.#entries.byKey;
    const byKey = new Map(keys === null ? [] : before);
    for (const key of keys ?? []) byKey.delete(key);
    for (const entry of entries) {
      const known = before?.get(entry.key);
      // The same object for the same entry, so that its row is not drawn again.
      byKey.set(entry.key, known !== undefined && isSame(known, entry) ? known : entry);
    }
    // That the server answers from memory does not mean that it is current.
    this.#set({ byKey, revision, ...(!this.#isInDoubt && { error: null }), litAtMs: this.#light(before, byKey, keys) });
  }

  #light(
    before: Entries['byKey'],
    byKey: ReadonlyMap<string, ListedEntry>,
    keys: readonly string[] | null,
  ): Entries['litAtMs'] {
    const nowMs = this.#options.nowMs();
    const lit = new Map([...this.#entries.litAtMs].filter(([, atMs]) => nowMs - atMs < LIT_MS));
    if (before === null) return lit;
    for (const key of keys ?? byKey.keys()) if (before.get(key) !== byKey.get(key)) lit.set(key, nowMs);
    return lit;
  }

  #set(change: Partial<Entries>): void {
    this.#entries = { ...this.#entries, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function keysOf(type: string, data: string): string[] {
  const event = JSON.parse(data) as { keys?: string[]; entries?: object; changes?: { key: string }[] };
  if (type === 'invalidated') return event.keys ?? [];
  if (type === 'observed') return Object.keys(event.entries ?? {});
  return (event.changes ?? []).map(({ key }) => key);
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function isSame(a: ListedEntry, b: ListedEntry): boolean {
  return (
    a.value === b.value &&
    a.revision === b.revision &&
    a.changed_at === b.changed_at &&
    a.invalid === b.invalid &&
    a.masked === b.masked
  );
}

function afterTimeout(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
