import type { Database } from '../database/database.ts';
import { hashOf } from './audit-record.ts';
import type { AuditRecord } from './audit-record.ts';
import { fromAuditRow } from './audit-row.ts';
import { selectAuditHead } from './audit-trail.ts';
import type { AuditHead } from './audit-trail.ts';

/** Few enough that others get their turn in between. */
const PAGE_RECORDS = 1_000;

/** What is wrong with a trail, and where it begins to be. */
export interface AuditProblem {
  /** Of the first record that is not as it was written; null: of none in particular. */
  readonly id: number | null;
  readonly message: string;
}

export interface Verification {
  /** null: every record is as it was written, none is missing, and all are in order. */
  readonly problem: AuditProblem | null;
  readonly firstId: number | null;
  readonly lastId: number | null;
  readonly records: number;
  /** Records of gaps among them. */
  readonly gaps: number;
  readonly head: AuditHead;
  /** The hash of each record that was asked for. */
  readonly hashes: ReadonlyMap<number, string>;
}

/**
 * Recomputes the chain from its anchor to its head.
 *
 * @param wanted ids of records whose hashes are asked for.
 */
export async function verifyTrail(database: Database, wanted: ReadonlySet<number> = new Set()): Promise<Verification> {
  // What is appended from here on is not looked at.
  const head = await database.run((db) => selectAuditHead(db));
  const hashes = new Map<number, string>();
  let last: Pick<AuditRecord, 'id' | 'hash'> = head.anchor;
  if (wanted.has(last.id)) hashes.set(last.id, last.hash);
  let [firstId, records, gaps]: [number | null, number, number] = [null, 0, 0];
  let problem: AuditProblem | null = null;
  while (problem === null) {
    const page = await readPage(database, last.id, head.id);
    for (const record of page) {
      problem = problemWith(record, last);
      if (problem !== null) break;
      firstId ??= record.id;
      records += 1;
      if (record.operation === 'GAP') gaps += 1;
      if (wanted.has(record.id)) hashes.set(record.id, record.hash);
      last = record;
    }
    if (page.length < PAGE_RECORDS) break;
  }
  problem ??= problemAtEnd(last, head);
  return { problem, firstId, lastId: records === 0 ? null : last.id, records, gaps, head, hashes };
}

async function readPage(database: Database, after: number, until: number): Promise<AuditRecord[]> {
  const rows = await database.run((db) =>
    db
      .selectFrom('config_audit_log')
      .selectAll()
      .where('id', '>', String(after))
      .where('id', '<=', String(until))
      .orderBy('id')
      .limit(PAGE_RECORDS)
      .execute(),
  );
  return rows.map(fromAuditRow);
}

function problemWith(record: AuditRecord, last: Pick<AuditRecord, 'id' | 'hash'>): AuditProblem | null {
  const { id, hash, previousHash } = record;
  const expected = last.id + 1;
  if (id !== expected) {
    const missing = id === expected + 1 ? `Record ${expected} is` : `Records ${expected} to ${id - 1} are`;
    return { id: expected, message: `${missing} missing.` };
  }
  if (hashOf(record) !== hash)
    return { id, message: `Record ${id} was altered: its hash is not that of what it says.` };
  if (previousHash !== last.hash) {
    return { id, message: `Record ${id} does not follow the one before it: one of the two was put there later.` };
  }
  return null;
}

function problemAtEnd(last: Pick<AuditRecord, 'id' | 'hash'>, head: AuditHead): AuditProblem | null {
  if (last.id < head.id) {
    return {
      id: last.id + 1,
      message: `The trail ends with record ${last.id}: the records up to ${head.id} were cut off.`,
    };
  }
  if (last.hash !== head.hash) {
    return { id: last.id, message: `The last record, ${last.id}, is not the one that was written last.` };
  }
  return null;
}
