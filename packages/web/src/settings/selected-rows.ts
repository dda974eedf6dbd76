import type { DraftChanges } from '../draft/draft.ts';
import type { Row } from './rows.ts';

/** What of the rows can be written to a file, and how many have a secret or nothing of their own to write. */
export function exportable(rows: readonly Row[]): {
  readonly values: ReadonlyMap<string, string>;
  readonly left: number;
} {
  const values = new Map<string, string>();
  for (const { key, entry } of rows) if (entry !== null && !entry.masked) values.set(key, entry.value);
  return { values, left: rows.length - values.size };
}

/** Takes away the values of rows: what is declared with a default falls back to it, all else is gone. */
export function removals(rows: readonly Row[]): DraftChanges {
  return rows.flatMap(({ key, entry, setting }) => {
    if (entry === null) return [];
    const isSecret = entry.masked || (setting?.secret ?? false);
    return [{ key, value: null, baseValue: entry.value, baseRevision: entry.revision, isSecret }];
  });
}

/** What taking their values away means for them. */
export function removalLabel(rows: readonly Row[]): string {
  const set = rows.filter(({ entry }) => entry !== null);
  const withDefault = set.filter(({ setting }) => setting?.default != null).length;
  if (withDefault === 0) return 'Delete';
  return withDefault === set.length ? 'Reset to default' : 'Delete or reset to default';
}
