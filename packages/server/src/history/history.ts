import type { Kysely } from 'kysely';
import { KeyNotFoundError } from '@mutt/dynamic-config';
import type { DynamicConfig } from '@mutt/dynamic-config';
import type { AuditLog } from '../audit/audit-log.ts';
import { selectAuditPage } from '../audit/audit-query.ts';
import type { AuditCursor } from '../audit/audit-query.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import { fromAuditRow } from '../audit/audit-row.ts';
import { selectAuditHead } from '../audit/audit-trail.ts';
import type { Tables } from '../database/schema.ts';
import { RequestError } from '../errors.ts';
import { findPoint } from './point.ts';
import type { Point, PointName } from './point.ts';
import { undoOf } from './rollback.ts';
import type { Undo } from './rollback.ts';
import { keysChangedBetween, stateAt } from './state.ts';
import type { PastEntry } from './state.ts';

/** What a key held at two moments; null: nothing. */
export interface Difference {
  readonly key: string;
  readonly from: PastEntry | null;
  readonly to: PastEntry | null;
}

/** What is to be undone, and which of its keys have newer records. */
export interface UndoPlan {
  readonly undos: readonly Undo[];
  readonly newer: ReadonlySet<string>;
  /** The revision in question. */
  readonly revision: number;
}

/** The past, as the audit trail tells it. */
export class History {
  readonly #config: DynamicConfig;
  readonly #audit: AuditLog;

  constructor(config: DynamicConfig, audit: AuditLog) {
    this.#config = config;
    this.#audit = audit;
  }

  /** The records of a key, the newest first. */
  async ofKey(key: string, page: { after?: AuditCursor | undefined; limit: number }): Promise<AuditRecord[]> {
    return this.#read(() => selectAuditPage(this.#audit.database, { keys: [key] }, page));
  }

  /** What all keys held at a moment. */
  async at(name: PointName): Promise<{ point: Point; entries: ReadonlyMap<string, PastEntry> }> {
    return this.#query(async (db) => {
      const point = await findPoint(db, name);
      return { point, entries: await stateAt(db, point.id) };
    });
  }

  /** The keys that differ between two moments. */
  async diff(from: PointName, to: PointName): Promise<{ from: Point; to: Point; differences: Difference[] }> {
    return this.#query(async (db) => {
      const [a, b] = [await findPoint(db, from), await findPoint(db, to)];
      const keys = await keysChangedBetween(db, a.id, b.id);
      const [before, after] = [await stateAt(db, a.id, keys), await stateAt(db, b.id, keys)];
      const differences = keys
        .map((key) => ({ key, from: before.get(key) ?? null, to: after.get(key) ?? null }))
        .filter((one) => one.from?.value !== one.to?.value);
      return { from: a, to: b, differences };
    });
  }

  /**
   * Undoes what a revision did to a key, or its last change.
   *
   * @throws KeyNotFoundError, RequestError
   */
  async undoOfKey(key: string, revision?: number): Promise<UndoPlan> {
    return this.#query(async (db) => {
      let query = db
        .selectFrom('config_audit_log')
        .selectAll()
        .where('key', '=', key)
        .where('operation', '!=', 'REVEAL');
      if (revision !== undefined) {
        query = query.where('epoch', '=', this.#config.head.epoch).where('revision', '=', String(revision));
      }
      const row = await query.orderBy('id', 'desc').limit(1).executeTakeFirst();
      if (row === undefined && revision === undefined) throw new KeyNotFoundError(key);
      if (row === undefined) {
        throw new RequestError(
          'revision_unknown',
          `Revision ${revision} did not change ${key}, as far as the trail knows.`,
        );
      }
      return this.#plan(db, [fromAuditRow(row)]);
    });
  }

  /** Puts back what a key held at a revision, whatever it has been since. */
  async backTo(key: string, revision: number): Promise<UndoPlan> {
    return this.#query(async (db) => {
      const point = await findPoint(db, { revision });
      const value = (await stateAt(db, point.id, [key])).get(key)?.value ?? null;
      return { undos: [{ key, value }], newer: new Set<string>(), revision };
    });
  }

  /** Undoes a whole change set. */
  async undoOfChangeSet(revision: number): Promise<UndoPlan> {
    return this.#query(async (db) => {
      const rows = await db
        .selectFrom('config_audit_log')
        .selectAll()
        .where('epoch', '=', this.#config.head.epoch)
        .where('revision', '=', String(revision))
        .where('key', 'is not', null)
        .where('operation', '!=', 'REVEAL')
        .orderBy('id')
        .execute();
      // After a failover two change sets may bear one revision: the newer one is the store's.
      const records = rows.map(fromAuditRow);
      const logHash = records.at(-1)?.logHash;
      const last = records.filter((record) => record.logHash === logHash);
      if (last.length === 0) {
        throw new RequestError('revision_unknown', `The audit trail has no change set of revision ${revision}.`);
      }
      return this.#plan(db, last);
    });
  }

  /** Sees to it that this process serves all that the trail tells of. */
  async #keepUp(db: Kysely<Tables>): Promise<void> {
    const { log } = await selectAuditHead(db);
    const { epoch, revision } = this.#config.head;
    if (log.epoch === epoch && log.revision > revision) await this.#config.refresh();
  }

  async #plan(db: Kysely<Tables>, records: readonly AuditRecord[]): Promise<UndoPlan> {
    await this.#keepUp(db);
    const newer = new Set<string>();
    for (const { key, id } of records) {
      if (key === null) continue;
      const query = db
        .selectFrom('config_audit_log')
        .select('id')
        .where('key', '=', key)
        .where('id', '>', String(id))
        .where('operation', '!=', 'REVEAL');
      if ((await query.limit(1).executeTakeFirst()) !== undefined) newer.add(key);
    }
    return { undos: undoOf(records), newer, revision: records[0]?.revision ?? 0 };
  }

  async #query<T>(read: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#read(() =>
      this.#audit.database.run((db) => db.transaction().setIsolationLevel('repeatable read').execute(read)),
    );
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    await this.#audit.settle();
    return read();
  }
}
