import { SECRET_MASK } from '@mutt/dynamic-config';
import type { ConfigView, LoggedCommit } from '@mutt/dynamic-config';
import type { Sight } from '../auth/visibility.ts';
import { entryJson, headJson, loggedCommitJson } from './json-shapes.ts';

/** A commit as somebody sees it: without the changes of keys that are absent for them; masked ones are marked as such. */
export function seenCommitJson(commit: LoggedCommit, sight: Sight): Record<string, unknown> {
  return { ...loggedCommitJson(commit), ...seenChangesJson(commit, sight) };
}

/** The changes of a commit, or of what would be one. */
export function seenChangesJson(
  { changes, previousValues }: Pick<LoggedCommit, 'changes' | 'previousValues'>,
  sight: Sight,
): { changes: Record<string, unknown>[] } {
  const seen = changes.flatMap(({ key, value }, n) => {
    const previous = previousValues[n] ?? null;
    const visibility = sight(key);
    if (visibility === 'absent') return [];
    if (visibility === 'shown') return [{ key, value, previous_value: previous }];
    return [{ key, value: masked(value), previous_value: masked(previous), masked: true }];
  });
  return { changes: seen };
}

/** A commit that somebody sees nothing of. */
export function isUnseen(commit: LoggedCommit, sight: Sight): boolean {
  return commit.changes.every(({ key }) => sight(key) === 'absent');
}

/** Values by key, as somebody sees them. */
export function seenValues(values: Readonly<Record<string, string>>, sight: Sight): Readonly<Record<string, string>> {
  const seen = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(values)) {
    const visibility = sight(key);
    if (visibility !== 'absent') seen[key] = visibility === 'shown' ? value : SECRET_MASK;
  }
  return seen;
}

/** For programs, which take values for what they are: with what is shown only, so no mask is ever served as a value. */
export function snapshotJson(view: ConfigView, sight: Sight): Record<string, unknown> {
  // fromEntries, because it makes `__proto__` a key like any other.
  return {
    ...headJson(view.head),
    entries: Object.fromEntries(
      [...view.entries()].filter(([key]) => sight(key) === 'shown').map(([key, entry]) => [key, entryJson(entry)]),
    ),
  };
}

function masked(value: string | null): string | null {
  return value === null ? null : SECRET_MASK;
}
