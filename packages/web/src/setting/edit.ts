import type { ListedEntry } from '../api/replies.ts';
import { isOvertaken, type DraftChange } from '../draft/draft.ts';

/** What is typed and not saved, with what the key held when that began. */
export type Edit = DraftChange & { readonly value: string };

/** What has become of an edit, now that the entry is as it is. */
export type EditState = 'none' | 'changed' | 'overtaken';

/** Begins an edit, or goes on with one: what it began from stays. */
export function edited(
  before: Edit | null,
  value: string,
  { key, entry, isSecret }: { key: string; entry: ListedEntry | undefined; isSecret: boolean },
): Edit {
  if (before !== null) return { ...before, value };
  return { key, value, baseValue: entry?.value ?? null, baseRevision: entry?.revision ?? 0, isSecret };
}

export function stateOf(edit: Edit | null, entry: ListedEntry | undefined): EditState {
  if (edit === null) return 'none';
  // What somebody else made of it is what one wanted, or one's own change has arrived.
  if (!edit.isSecret && entry?.value === edit.value) return 'none';
  if (isOvertaken(edit, entry)) return 'overtaken';
  return 'changed';
}
