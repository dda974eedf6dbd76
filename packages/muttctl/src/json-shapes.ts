import type { AppliedChange, Entry, LoggedCommit } from '@mutt/dynamic-config';

// What --json prints. Scripts depend on it: documented in the README, extended but never renamed.

/** An entry; null for what is not known: the value comes from `--default`, or was written out of band. */
export function entryJson(key: string, entry: Pick<Entry, 'value'> & Partial<Entry>): Record<string, unknown> {
  return {
    key,
    value: entry.value,
    revision: entry.revision ?? null,
    changed_at: isoTime(entry.changedAtMs ?? null),
    changed_by: entry.changedBy ?? null,
  };
}

/** The listed entries, twice: as a plain object for `jq`, and with what is known about each. */
export function listJson(listed: readonly (readonly [string, Entry])[], revision: number): Record<string, unknown> {
  // Without a prototype: `__proto__` is a key like any other.
  const config: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, { value }] of listed) config[key] = value;
  return { config, count: listed.length, revision, entries: listed.map(([key, entry]) => entryJson(key, entry)) };
}

/** A confirmed `set` or `delete`. */
export function commitJson(key: string, commit: LoggedCommit): Record<string, unknown> {
  const index = commit.changes.findIndex((change) => change.key === key);
  return changeJson({
    key,
    value: commit.changes[index]?.value ?? null,
    previousValue: commit.previousValues[index] ?? null,
    revision: commit.revision,
    changedAtMs: commit.changedAtMs,
    changedBy: commit.changedBy,
    reason: commit.reason,
    source: commit.source,
  });
}

/** A change, as `watch` sees it. */
export function changeJson(change: AppliedChange): Record<string, unknown> {
  return {
    key: change.key,
    value: change.value,
    previous_value: change.previousValue,
    revision: change.revision,
    changed_at: isoTime(change.changedAtMs),
    changed_by: change.changedBy,
    reason: change.reason,
    source: change.source,
  };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
