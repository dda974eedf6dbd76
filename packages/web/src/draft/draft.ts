import type { Change, ListedEntry } from '../api/replies.ts';

/** A change that is not applied yet, with what the key held when it was begun. */
export interface DraftChange {
  readonly key: string;
  /** null: delete it. */
  readonly value: string | null;
  /** null: it was not set. */
  readonly baseValue: string | null;
  /** 0: it was not set. */
  readonly baseRevision: number;
  /** The values are secret: not to be shown. */
  readonly isSecret: boolean;
}

export type DraftChanges = readonly DraftChange[];

interface Keep {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem(name: string): void;
}

const NAME = 'mutt-draft';
const OWNER = 'mutt-draft-of';

/** The change set that is being put together, one change for a key. It outlives a reload of the page, but for secrets. */
export class Draft {
  readonly #keep: Keep;
  readonly #listeners = new Set<() => void>();
  #changes: DraftChanges;
  #owner: string | null;

  constructor(keep: Keep) {
    this.#keep = keep;
    this.#owner = keep.getItem(OWNER);
    this.#changes = read(keep);
  }

  readonly current = (): DraftChanges => this.#changes;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Adds changes; each replaces the one of the same key. One that changes nothing takes its key out. */
  put(changes: DraftChanges): void {
    const byKey = new Map(this.#changes.map((change) => [change.key, change]));
    for (const change of changes) {
      // Of a secret, the value that it has is not known here.
      if (change.value === change.baseValue && !change.isSecret) byKey.delete(change.key);
      else byKey.set(change.key, change);
    }
    this.#set([...byKey.values()]);
  }

  remove(keys: readonly string[]): void {
    this.#set(this.#changes.filter(({ key }) => !keys.includes(key)));
  }

  clear(): void {
    this.#set([]);
  }

  /** What turned out to be secret since is hidden from now on, and not kept. */
  conceal(isSecret: (key: string) => boolean): void {
    if (!this.#changes.some((change) => !change.isSecret && isSecret(change.key))) return;
    this.#set(this.#changes.map((change) => (isSecret(change.key) ? { ...change, isSecret: true } : change)));
  }

  /** Says who is signed in: nobody goes on with what somebody else began, under their own name. */
  belongTo(name: string): void {
    if (this.#owner === name) return;
    if (this.#owner !== null) this.clear();
    this.#owner = name;
    try {
      this.#keep.setItem(OWNER, name);
    } catch {
      // As below.
    }
  }

  #set(changes: DraftChanges): void {
    this.#changes = changes;
    try {
      this.#keep.setItem(NAME, JSON.stringify(changes.filter(({ isSecret }) => !isSecret)));
    } catch {
      // Full, or not allowed: then it does not outlive a reload, and neither does what it was before.
      this.#keep.removeItem(NAME);
    }
    for (const listener of this.#listeners) listener();
  }
}

/** As the API takes it: refused where somebody changed a key meanwhile. */
export function toChange({ key, value, baseRevision }: DraftChange): Change {
  return value === null ? { key, delete: true, if_revision: baseRevision } : { key, value, if_revision: baseRevision };
}

/** Whether a key is no longer what it was when the change was begun. */
export function isOvertaken(change: DraftChange, entry: ListedEntry | undefined): boolean {
  return (
    (entry?.revision ?? 0) !== change.baseRevision || (!change.isSecret && (entry?.value ?? null) !== change.baseValue)
  );
}

function read(keep: Keep): DraftChanges {
  try {
    const kept: unknown = JSON.parse(keep.getItem(NAME) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isDraftChange) : [];
  } catch {
    return [];
  }
}

function isDraftChange(kept: unknown): kept is DraftChange {
  const { key, value, baseValue, baseRevision } = (kept ?? {}) as Partial<DraftChange>;
  const isTextOrNull = (text: unknown): boolean => text === null || typeof text === 'string';
  return typeof key === 'string' && isTextOrNull(value) && isTextOrNull(baseValue) && typeof baseRevision === 'number';
}
