import { createHash } from 'node:crypto';
import type { Insertable, Selectable } from 'kysely';
import type { Commit, LoggedCommit } from '@mutt/dynamic-config';
import type { Tables } from '../database/schema.ts';

/** One key of a change set, as `config_log.changes` keeps it. A null value is a deletion. */
interface LoggedChange {
  readonly key: string;
  readonly value: string | null;
  readonly previous_value: string | null;
}

type LogRow = Tables['config_log'];

/** A commit before it has its hash. */
export type UnhashedCommit = Omit<LoggedCommit, 'hash'>;

/** Adds the hash: over the hash before and everything that the record says, so no record can be altered unnoticed. */
export function withHash(commit: UnhashedCommit): LoggedCommit {
  const { epoch, revision, previousHash, changedAtMs, changedBy, reason, source, requestId, correlationId } = commit;
  const origin = [changedAtMs, changedBy, reason, source, requestId, correlationId];
  const record = [epoch, revision, ...origin, toLoggedChanges(commit)];
  const hash = createHash('sha256')
    .update(`${previousHash}\n${JSON.stringify(record)}`)
    .digest('hex');
  return { ...commit, hash };
}

/** What is announced of a commit: all but what it replaced. */
export function announced({ previousValues: _, ...commit }: LoggedCommit): Commit {
  return commit;
}

export function toLogRow(commit: LoggedCommit): Insertable<LogRow> {
  return {
    revision: commit.revision,
    epoch: commit.epoch,
    previous_hash: commit.previousHash,
    hash: commit.hash,
    changed_at: new Date(commit.changedAtMs),
    changed_by: commit.changedBy,
    reason: commit.reason,
    source: commit.source,
    request_id: commit.requestId,
    correlation_id: commit.correlationId,
    changes: JSON.stringify(toLoggedChanges(commit)),
  };
}

export function fromLogRow(row: Selectable<LogRow>): LoggedCommit {
  const changes = JSON.parse(row.changes) as LoggedChange[];
  return {
    epoch: row.epoch,
    revision: Number(row.revision),
    hash: row.hash,
    previousHash: row.previous_hash,
    changes: changes.map(({ key, value }) => ({ key, value })),
    previousValues: changes.map(({ previous_value }) => previous_value),
    changedAtMs: row.changed_at.getTime(),
    changedBy: row.changed_by,
    reason: row.reason,
    source: row.source,
    requestId: row.request_id,
    correlationId: row.correlation_id,
  };
}

function toLoggedChanges({ changes, previousValues }: UnhashedCommit): LoggedChange[] {
  return changes.map(({ key, value }, n) => ({ key, value, previous_value: previousValues[n] ?? null }));
}
