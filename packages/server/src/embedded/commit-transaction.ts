import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import { RevisionConflictError } from '@mutt/dynamic-config';
import type { Change, CommitOptions, Entry, Head, LoggedCommit } from '@mutt/dynamic-config';
import { appendCommit } from '../audit/audit-trail.ts';
import { fromLogRow, toLogRow, withHash } from './log-record.ts';
import { selectEntries } from './read-entries.ts';
import type { Tables } from '../database/schema.ts';

/** The log keeps the last so many change sets, or those of so many days, whichever is more. */
const KEEP_COMMITS = 10_000;
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;
const TRIM_EVERY = 1_000;

interface Outcome {
  readonly commit: LoggedCommit;
  /** True when an earlier request with this id made it, and nothing was written now. */
  readonly isRepeated: boolean;
}

/**
 * Applies a change set, logs it, records it in the audit trail and moves the head, in one transaction.
 *
 * @throws RevisionConflictError when a precondition does not hold.
 */
export async function commitTransaction(
  db: Kysely<Tables>,
  changes: readonly Change[],
  options: CommitOptions,
): Promise<Outcome> {
  return db.transaction().execute(async (transaction) => {
    // The lock on the head makes commits one after the other, in whichever process they are made.
    const head = await selectHead(transaction, 'for update');
    const repeated = await selectByRequest(transaction, options.requestId);
    if (repeated !== null) return { commit: repeated, isRepeated: true };
    const keys = changes.map(({ key }) => key);
    const current = await selectEntries(transaction, keys);
    checkPreconditions(changes, options, head, current);
    const commit = withHash({
      epoch: head.epoch === '' ? randomUUID() : head.epoch,
      revision: head.revision + 1,
      previousHash: head.hash,
      changes: changes.map(({ key, value }) => ({ key, value })),
      previousValues: keys.map((key) => current.get(key)?.value ?? null),
      changedAtMs: Date.now(),
      changedBy: options.changedBy,
      reason: options.reason,
      source: 'commit',
      requestId: options.requestId,
      correlationId: options.correlationId ?? null,
    });
    await transaction.insertInto('config_log').values(toLogRow(commit)).execute();
    await appendCommit(transaction, commit);
    if (commit.revision % TRIM_EVERY === 0) await trimLog(transaction, commit);
    await write(transaction, commit, options.changedBy);
    return { commit, isRepeated: false };
  });
}

export async function selectHead(db: Kysely<Tables>, lock: 'for update' | 'no lock' = 'no lock'): Promise<Head> {
  const query = db.selectFrom('config_head').select(['epoch', 'revision', 'hash']);
  const { epoch, revision, hash } = await (lock === 'for update' ? query.forUpdate() : query).executeTakeFirstOrThrow();
  return { epoch, revision: Number(revision), hash };
}

async function selectByRequest(transaction: Transaction<Tables>, requestId: string): Promise<LoggedCommit | null> {
  const query = transaction.selectFrom('config_log').selectAll().where('request_id', '=', requestId);
  const row = await query.executeTakeFirst();
  return row === undefined ? null : fromLogRow(row);
}

/** The audit trail keeps what is dropped here. */
async function trimLog(transaction: Transaction<Tables>, { revision, changedAtMs }: LoggedCommit): Promise<void> {
  await transaction
    .deleteFrom('config_log')
    .where('revision', '<=', String(revision - KEEP_COMMITS))
    .where('changed_at', '<', new Date(changedAtMs - KEEP_MS))
    .execute();
}

function checkPreconditions(
  changes: readonly Change[],
  options: CommitOptions,
  head: Head,
  current: ReadonlyMap<string, Entry>,
): void {
  if (options.ifRevision !== null && options.ifRevision !== head.revision) {
    throw new RevisionConflictError(null, options.ifRevision, head.revision);
  }
  for (const { key, ifRevision } of changes) {
    const revision = current.get(key)?.revision ?? 0;
    if (ifRevision !== null && ifRevision !== revision) throw new RevisionConflictError(key, ifRevision, revision);
  }
}

async function write(transaction: Transaction<Tables>, commit: LoggedCommit, changedBy: string): Promise<void> {
  const { epoch, revision, hash, changedAtMs } = commit;
  const deleted = commit.changes.flatMap(({ key, value }) => (value === null ? [key] : []));
  const set = commit.changes.flatMap(({ key, value }) => (value === null ? [] : [{ key, value }]));
  if (deleted.length > 0) {
    await transaction
      .deleteFrom('config_entry')
      .where('key', '=', sql<string>`any(${deleted})`)
      .execute();
  }
  if (set.length > 0) {
    const origin = { revision, changed_at: new Date(changedAtMs), changed_by: changedBy };
    await transaction
      .insertInto('config_entry')
      .values(set.map(({ key, value }) => ({ key, value: Buffer.from(value), ...origin })))
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((row) => ({
          value: row.ref('excluded.value'),
          revision: row.ref('excluded.revision'),
          changed_at: row.ref('excluded.changed_at'),
          changed_by: row.ref('excluded.changed_by'),
        })),
      )
      .execute();
  }
  await transaction.updateTable('config_head').set({ epoch, revision, hash }).execute();
}
