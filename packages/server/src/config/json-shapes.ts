import type { Commit, Entry, Head, LoggedCommit } from '@mutt/dynamic-config';

// What clients depend on: extended, never renamed.

export function headJson({ epoch, revision, hash }: Head): Record<string, unknown> {
  return { epoch, revision, hash };
}

export function entryJson({ value, revision, changedAtMs, changedBy }: Entry): Record<string, unknown> {
  return { value, revision, changed_at: isoTime(changedAtMs), changed_by: changedBy };
}

/** A commit as it is announced. A null value is a deletion. */
export function commitJson(commit: Commit): Record<string, unknown> {
  return {
    ...headJson(commit),
    previous_hash: commit.previousHash,
    changed_at: isoTime(commit.changedAtMs),
    changed_by: commit.changedBy,
    reason: commit.reason,
    source: commit.source,
    request_id: commit.requestId,
    correlation_id: commit.correlationId,
    changes: commit.changes.map(({ key, value }) => ({ key, value })),
  };
}

/** A commit with what each of its changes replaced. */
export function loggedCommitJson(commit: LoggedCommit): Record<string, unknown> {
  return {
    ...commitJson(commit),
    changes: commit.changes.map(({ key, value }, n) => ({
      key,
      value,
      previous_value: commit.previousValues[n] ?? null,
    })),
  };
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
