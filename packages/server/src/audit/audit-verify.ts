import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import { hashOf } from './audit-record.ts';
import type { AuditRecord } from './audit-record.ts';
import { fromAuditRow, wordsOf } from './audit-row.ts';
import { selectAuditHead } from './audit-trail.ts';
import { baselineHash } from './baseline-hash.ts';
import type { AuditHead } from './audit-trail.ts';

/** Few enough that others get their turn in between. */
const PAGE_RECORDS = 1_000;
/** One record may hold 2 MB: a page of many of them would be gigabytes. */
const PAGE_BYTES = 4 * 1024 * 1024;

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
  /** When the first of the records says that it happened; milliseconds since 1970. */
  readonly firstChangedAtMs: number | null;
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
  let first: AuditRecord | null = null;
  let [records, gaps] = [0, 0];
  let problem: AuditProblem | null = null;
  while (problem === null) {
    const page = await database.run((db) => readPage(db, last.id, head.id));
    if (page.length === 0) break;
    for (const row of page) {
      const record = readable(row);
      problem = record === null ? altered(Number(row.id)) : problemWith(record, row.words, last);
      if (record === null || problem !== null) break;
      first ??= record;
      records += 1;
      if (record.operation === 'GAP') gaps += 1;
      if (wanted.has(record.id)) hashes.set(record.id, record.hash);
      last = record;
    }
  }
  problem ??= problemAtEnd(last, head) ?? (await database.run(problemOutside)) ?? (await database.run(problemBeside));
  if (problem !== null) {
    // What was dropped by age meanwhile is not missing.
    const { anchor } = await database.run((db) => selectAuditHead(db));
    if (anchor.id > head.anchor.id) return verifyTrail(database, wanted);
  }
  return {
    problem,
    firstId: first?.id ?? null,
    firstChangedAtMs: first?.changedAtMs ?? null,
    lastId: records === 0 ? null : last.id,
    records,
    gaps,
    head,
    hashes,
  };
}

type Row = Selectable<Tables['config_audit_log']> & { readonly words: string[] };

async function readPage(db: Kysely<Tables>, after: number, until: number): Promise<Row[]> {
  const within = sql<boolean>`id > ${String(after)}::bigint and id <= ${String(until)}::bigint`;
  // As many as are small enough together, and one in any case.
  const last = sql<string>`(
    select coalesce(max(id) filter (where bytes <= ${PAGE_BYTES}), min(id)) from (
      select id, sum(octet_length(coalesce(old_values, '')) + octet_length(coalesce(new_values, ''))) over (order by id) as bytes
      from (select id, old_values, new_values from config_audit_log where ${within} order by id limit ${PAGE_RECORDS}) as next
    ) as summed)`;
  return db
    .selectFrom('config_audit_log')
    .selectAll()
    .select(sql<string[]>`tsvector_to_array(search)`.as('words'))
    .where(within)
    .where('id', '<=', last)
    .orderBy('id')
    .execute();
}

/** null: it holds what no record can, such as a time in no year. */
function readable(row: Row): AuditRecord | null {
  try {
    const record = fromAuditRow(row);
    hashOf(record);
    return record;
  } catch {
    return null;
  }
}

function problemWith(
  record: AuditRecord,
  found: readonly string[],
  last: Pick<AuditRecord, 'id' | 'hash'>,
): AuditProblem | null {
  const { id, hash, previousHash } = record;
  const expected = last.id + 1;
  if (id !== expected) {
    const missing = id === expected + 1 ? `Record ${expected} is` : `Records ${expected} to ${id - 1} are`;
    return { id: expected, message: `${missing} missing.` };
  }
  if (hashOf(record) !== hash) return altered(id);
  if (previousHash !== last.hash) {
    return { id, message: `Record ${id} does not follow the one before it: one of the two was put there later.` };
  }
  const words = new Set(wordsOf(record));
  if (found.length !== words.size || !found.every((word) => words.has(word))) {
    return { id, message: `Record ${id} was altered: it is not found by the words that it holds.` };
  }
  return null;
}

function altered(id: number): AuditProblem {
  return { id, message: `Record ${id} was altered: its hash is not that of what it says.` };
}

/** What lies before the first record or behind the last one was never written by us. */
async function problemOutside(db: Kysely<Tables>): Promise<AuditProblem | null> {
  const { rows } = await sql<{ id: string }>`
    (select id from config_audit_log where id <= (select anchor_id from audit_head) order by id limit 1)
    union all
    (select id from config_audit_log where id > (select id from audit_head) order by id limit 1)`.execute(db);
  const [outside] = rows;
  if (outside === undefined) return null;
  const id = Number(outside.id);
  return { id, message: `Record ${id} is not part of the trail: it was put there by somebody else.` };
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

/** What stands beside the records: the names by which keys are found, and what they held before the first record. */
async function problemBeside(db: Kysely<Tables>): Promise<AuditProblem | null> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      const { rows } = await sql<{ key: string }>`
        (select key from config_audit_log where key is not null union select key from audit_baseline)
        except select key from audit_key limit 1`.execute(transaction);
      const [lost] = rows;
      if (lost !== undefined) {
        return {
          id: null,
          message: `The key ${lost.key} was removed from the list of keys: its records are not found.`,
        };
      }
      const query = transaction.selectFrom('audit_head').select('baseline_hash');
      const { baseline_hash: expected } = await query.executeTakeFirstOrThrow();
      if ((await baselineHash(transaction)) === expected) return null;
      return { id: null, message: 'What the keys held before the first record that is kept was altered.' };
    });
}
