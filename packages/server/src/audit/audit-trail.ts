import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import { sameHead } from '@mutt/dynamic-config';
import type { Head, LoggedCommit } from '@mutt/dynamic-config';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import { chained, toValues, valueIn } from './audit-record.ts';
import type { AuditRecord, UnchainedRecord } from './audit-record.ts';
import { insertAuditRows } from './audit-row.ts';

/** Where the trail ends. */
export interface AuditHead {
  /** Random; no other trail has it. */
  readonly trailId: string;
  /** Of its last record; 0: none yet. */
  readonly id: number;
  readonly hash: string;
  /** Up to where in the store's log it has everything. */
  readonly log: Head;
  /** What came before the first record that is kept. */
  readonly anchor: { readonly id: number; readonly hash: string };
}

/** Why a log could not simply be continued. */
export interface Gap {
  readonly reason: string;
  readonly from: Head;
  readonly to: Head;
}

/**
 * The audit trail: one record for each change of each key, each chained to the one before by a hash.
 *
 * All writers, in whichever process, take turns by a lock on its head: so the chain never forks.
 */
export class AuditTrail {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async head(): Promise<AuditHead> {
    return this.#database.run((db) => selectAuditHead(db));
  }

  /**
   * Appends what the store's log has after `from`. What does not follow is preceded by the record of a gap.
   *
   * @param to where the log stands, should there be no commit that says so.
   * @returns what was missing; null when the trail is elsewhere by now, and nothing was appended.
   */
  async append(from: Head, commits: readonly LoggedCommit[], to?: Head): Promise<readonly Gap[] | null> {
    return this.#database.run((db) =>
      db.transaction().execute(async (transaction) => {
        const head = await selectAuditHead(transaction, 'for update');
        if (!sameHead(head.log, from)) return null;
        return appendCommits(transaction, head, commits, to);
      }),
    );
  }

  /** Those of these commits, from one history or another, that the trail does not have. */
  async withoutKnown(commits: readonly LoggedCommit[]): Promise<readonly LoggedCommit[]> {
    if (commits.length === 0) return [];
    const hashes = commits.map(({ hash }) => hash);
    const known = await this.#database.run((db) =>
      db
        .selectFrom('config_audit_log')
        .select(['epoch', 'log_hash'])
        .where('log_hash', '=', sql<string>`any(${hashes})`)
        .where('operation', '!=', 'GAP')
        .execute(),
    );
    const names = new Set(known.map(({ epoch, log_hash: hash }) => `${epoch} ${hash}`));
    return commits.filter(({ epoch, hash }) => !names.has(`${epoch} ${hash}`));
  }
}

/** Appends a commit within the transaction that makes it. */
export async function appendCommit(transaction: Transaction<Tables>, commit: LoggedCommit): Promise<void> {
  await appendCommits(transaction, await selectAuditHead(transaction, 'for update'), [commit]);
}

export async function selectAuditHead(
  db: Kysely<Tables>,
  lock: 'for update' | 'no lock' = 'no lock',
): Promise<AuditHead> {
  const query = db.selectFrom('audit_head').selectAll();
  const row = await (lock === 'for update' ? query.forUpdate() : query).executeTakeFirstOrThrow();
  return {
    trailId: row.trail_id,
    id: Number(row.id),
    hash: row.hash,
    log: { epoch: row.epoch, revision: Number(row.revision), hash: row.log_hash },
    anchor: { id: Number(row.anchor_id), hash: row.anchor_hash },
  };
}

async function appendCommits(
  transaction: Transaction<Tables>,
  head: AuditHead,
  commits: readonly LoggedCommit[],
  to?: Head,
): Promise<readonly Gap[]> {
  const known = await lastKnown(transaction, commits);
  const gaps: Gap[] = [];
  const records: AuditRecord[] = [];
  let last: Pick<AuditRecord, 'id' | 'hash'> = head;
  let log = head.log;
  const add = (record: UnchainedRecord): void => {
    const next = chained(record, last);
    records.push(next);
    last = next;
  };
  const addGap = (gap: Gap, changedAtMs: number): void => {
    gaps.push(gap);
    add(gapRecord(gap, changedAtMs));
  };
  for (const commit of commits) {
    if (!follows(log, commit)) addGap(gapBefore(log, commit), commit.changedAtMs);
    for (const record of recordsOf(commit, known)) add(record);
    log = { epoch: commit.epoch, revision: commit.revision, hash: commit.hash };
  }
  if (to !== undefined && !sameHead(log, to)) {
    addGap(gapTo(log, to), Date.now());
    log = to;
  }
  await insert(transaction, records);
  await transaction
    .updateTable('audit_head')
    .set({ id: last.id, hash: last.hash, epoch: log.epoch, revision: log.revision, log_hash: log.hash })
    .execute();
  return gaps;
}

async function insert(transaction: Transaction<Tables>, records: readonly AuditRecord[]): Promise<void> {
  await insertAuditRows(transaction, records);
  const keys = [...new Set(records.flatMap(({ key }) => (key === null ? [] : [key])))];
  if (keys.length === 0) return;
  await sql`insert into audit_key (key) select unnest(${keys}::text[]) on conflict do nothing`.execute(transaction);
}

/** One record for each key of a commit. Remembers what the keys hold from then on. */
function recordsOf(commit: LoggedCommit, known: Map<string, string | null>): UnchainedRecord[] {
  const { epoch, revision, hash, changedAtMs, changedBy, reason, correlationId, source } = commit;
  return commit.changes.map(({ key, value }, n) => {
    // Whoever writes past the store doesn't say what was there before: the trail knows.
    const old = source === 'out-of-band' ? (known.get(key) ?? null) : (commit.previousValues[n] ?? null);
    known.set(key, value);
    return {
      changedAtMs,
      changedBy: storable(changedBy),
      operation: value === null ? 'DELETE' : old === null ? 'CREATE' : 'UPDATE',
      oldValues: toValues(key, old),
      newValues: toValues(key, value),
      reason: storable(reason),
      correlationId: storable(correlationId),
      epoch,
      revision,
      key,
      source,
      logHash: hash,
    };
  });
}

/** Whoever writes to the log past us may write what PostgreSQL's text can't hold: no reason to lose the record. */
function storable(text: string | null): string | null {
  return text === null ? null : text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** What the trail says of the keys that were written out of band: the value; null: deleted. */
async function lastKnown(
  transaction: Transaction<Tables>,
  commits: readonly LoggedCommit[],
): Promise<Map<string, string | null>> {
  const keys = new Set(
    commits.flatMap(({ source, changes }) => (source === 'out-of-band' ? changes.map(({ key }) => key) : [])),
  );
  const known = new Map<string, string | null>();
  for (const key of keys) {
    const newest = await transaction
      .selectFrom('config_audit_log')
      .select('new_values')
      .where('key', '=', key)
      .where('operation', '!=', 'REVEAL')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (newest !== undefined) known.set(key, valueIn(newest.new_values));
    else {
      const query = transaction.selectFrom('audit_baseline').select('value').where('key', '=', key);
      const baseline = await query.executeTakeFirst();
      if (baseline !== undefined) known.set(key, JSON.parse(baseline.value) as string);
    }
  }
  return known;
}

function follows(log: Head, commit: LoggedCommit): boolean {
  return commit.revision === log.revision + 1 && commit.previousHash === log.hash;
}

function gapBefore(from: Head, commit: LoggedCommit): Gap {
  const to = { epoch: commit.epoch, revision: commit.revision, hash: commit.hash };
  return { reason: whyNot(from, to, commit.revision - 1), from, to };
}

function gapTo(from: Head, to: Head): Gap {
  return { reason: whyNot(from, to, to.revision), from, to };
}

/** @param missing the last revision that is not there. */
function whyNot(from: Head, to: Head, missing: number): string {
  if (from.epoch === '') return `What came before revision ${to.revision} was no longer in the log.`;
  if (from.epoch !== to.epoch) {
    return `The store began a new history (epoch ${to.epoch}) after revision ${from.revision} of ${from.epoch}: what the old one had after that is lost.`;
  }
  if (missing > from.revision) {
    return `Revisions ${from.revision + 1} to ${missing} were missing from the log.`;
  }
  return `The store lost what it had after revision ${missing}, and went on from there: the records up to ${from.revision} tell what was lost.`;
}

function gapRecord({ reason, from, to }: Gap, changedAtMs: number): UnchainedRecord {
  return {
    changedAtMs,
    changedBy: null,
    operation: 'GAP',
    oldValues: JSON.stringify(from),
    newValues: JSON.stringify(to),
    reason,
    correlationId: null,
    epoch: to.epoch,
    revision: to.revision,
    key: null,
    source: 'gap',
    logHash: to.hash,
  };
}
