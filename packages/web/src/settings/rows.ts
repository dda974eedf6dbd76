import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';

/** A key on the screen: one that is set, or declared, or both. */
export interface Row {
  readonly key: string;
  /** null: it is declared, and not set. */
  readonly entry: ListedEntry | null;
  /** null: no service declares it. */
  readonly setting: DeclaredSetting | null;
  /** What is in force: the value, or else the default; null: neither. A mask, for a secret. */
  readonly value: string | null;
  readonly isOverridden: boolean;
  /** What a search looks through, in lower case. */
  readonly text: string;
  /** The first part of the key. */
  readonly group: string;
}

export const SHOWS = ['changed-today', 'invalid', 'overridden', 'undeclared'] as const;
export type Show = (typeof SHOWS)[number];

export interface Filter {
  readonly query: string;
  readonly show: Show | null;
  /** Only what this service declares; null: all. */
  readonly service: string | null;
}

export type SortBy = 'key' | 'changed' | 'who';

/** Longer values are not looked through to their end. */
const SEARCHED_LENGTH = 2_000;
const SEPARATOR = /[_./:-]/;

/** Rows that are the same object while nothing of theirs changes, so that they are not drawn again. */
export class Rows {
  #known: ReadonlyMap<string, Row> = new Map();

  /** In order of their keys. */
  of(entries: ReadonlyMap<string, ListedEntry>, settings: ReadonlyMap<string, DeclaredSetting>): readonly Row[] {
    const keys = [...new Set([...entries.keys(), ...settings.keys()])].toSorted();
    const rows = keys.map((key) => this.#row(key, entries.get(key) ?? null, settings.get(key) ?? null));
    this.#known = new Map(rows.map((row) => [row.key, row]));
    return rows;
  }

  #row(key: string, entry: ListedEntry | null, setting: DeclaredSetting | null): Row {
    const known = this.#known.get(key);
    return known?.entry === entry && known.setting === setting ? known : toRow(key, entry, setting);
  }
}

function toRow(key: string, entry: ListedEntry | null, setting: DeclaredSetting | null): Row {
  const value = entry?.value ?? setting?.default ?? null;
  const searched = [key, value?.slice(0, SEARCHED_LENGTH), setting?.description, entry?.changed_by];
  return {
    key,
    entry,
    setting,
    value,
    isOverridden: entry !== null && setting !== null && setting.default !== null && entry.value !== setting.default,
    text: searched.join('\n').toLowerCase(),
    group: key.split(SEPARATOR, 1)[0] ?? key,
  };
}

/** The rows that a filter leaves, in the same order. */
export function filterRows(rows: readonly Row[], { query, show, service }: Filter, todayMs: number): readonly Row[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return rows.filter(
    (row) =>
      words.every((word) => row.text.includes(word)) &&
      (show === null || isShown(row, show, todayMs)) &&
      (service === null || declares(row, service)),
  );
}

const IS_SHOWN: Readonly<Record<Show, (row: Row, todayMs: number) => boolean>> = {
  'changed-today': ({ entry }, todayMs) => entry?.changed_at != null && Date.parse(entry.changed_at) >= todayMs,
  invalid: ({ entry }) => entry?.invalid != null,
  overridden: ({ isOverridden }) => isOverridden,
  undeclared: ({ setting }) => setting === null,
};

/** @param todayMs when the day began. */
export function isShown(row: Row, show: Show, todayMs: number): boolean {
  return IS_SHOWN[show](row, todayMs);
}

function declares({ setting }: Row, service: string): boolean {
  return setting?.declared_by.some((one) => one.service === service) ?? false;
}

export function sortRows(rows: readonly Row[], by: SortBy): readonly Row[] {
  if (by === 'key') return rows;
  const valueOf =
    by === 'who' ? ({ entry }: Row) => entry?.changed_by ?? '\uffff' : ({ entry }: Row) => entry?.changed_at ?? '';
  const direction = by === 'who' ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [one, other] = [valueOf(a), valueOf(b)];
    return one === other ? 0 : one < other ? -direction : direction;
  });
}

/** A line of the table. */
export type Item =
  | { readonly type: 'group'; readonly name: string; readonly count: number; readonly isClosed: boolean }
  | { readonly type: 'row'; readonly row: Row; readonly isInGroup: boolean };

/** Groups with more than one row get a line of their own, which can be closed; the others stand alone. */
export function toItems(rows: readonly Row[], closed: ReadonlySet<string>): readonly Item[] {
  const counts = new Map<string, number>();
  for (const { group } of rows) counts.set(group, (counts.get(group) ?? 0) + 1);
  if (counts.size < 2) return ungrouped(rows);
  const items: Item[] = [];
  let last: string | null = null;
  for (const row of rows) {
    const count = counts.get(row.group) ?? 1;
    const isClosed = closed.has(row.group);
    if (row.group !== last && count > 1) items.push({ type: 'group', name: row.group, count, isClosed });
    last = row.group;
    if (count === 1 || !isClosed) items.push({ type: 'row', row, isInGroup: count > 1 });
  }
  return items;
}

export function ungrouped(rows: readonly Row[]): readonly Item[] {
  return rows.map((row) => ({ type: 'row', row, isInGroup: false }));
}
