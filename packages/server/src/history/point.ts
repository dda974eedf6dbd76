import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';
import { selectAuditHead } from '../audit/audit-trail.ts';
import { RequestError } from '../errors.ts';

/** A moment, as callers name it: now, a time in milliseconds since 1970, or a revision (of the current epoch unless named). */
export type PointName =
  'now' | { readonly timeMs: number } | { readonly revision: number; readonly epoch?: string | undefined };

/** A moment of the trail: after this record. */
export interface Point {
  /** Of the audit record; the anchor's, or 0, before any. */
  readonly id: number;
  readonly epoch: string;
  readonly revision: number;
}

/** @throws RequestError when the trail does not reach back to it, or knows no such revision. */
export async function findPoint(db: Kysely<Tables>, name: PointName): Promise<Point> {
  if (name === 'now') {
    const { id, log } = await selectAuditHead(db);
    return { id, epoch: log.epoch, revision: log.revision };
  }
  return 'timeMs' in name ? atTime(db, name.timeMs) : atRevision(db, name);
}

async function atTime(db: Kysely<Tables>, timeMs: number): Promise<Point> {
  const row = await db
    .selectFrom('config_audit_log')
    .select(['id', 'epoch', 'revision'])
    .where('changed_at', '<=', new Date(timeMs))
    .where('operation', '!=', 'REVEAL')
    .orderBy('changed_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row !== undefined) return { id: Number(row.id), epoch: row.epoch, revision: Number(row.revision) };
  const { anchor } = await selectAuditHead(db);
  if (anchor.id === 0) return { id: 0, epoch: '', revision: 0 };
  throw tooOld('that time');
}

async function atRevision(
  db: Kysely<Tables>,
  { revision, epoch }: { readonly revision: number; readonly epoch?: string | undefined },
): Promise<Point> {
  const head = await selectAuditHead(db);
  const wanted = epoch ?? head.log.epoch;
  if (revision === 0 && head.anchor.id === 0) return { id: 0, epoch: wanted, revision: 0 };
  const row = await db
    .selectFrom('config_audit_log')
    .select('id')
    .where('epoch', '=', wanted)
    .where('revision', '=', String(revision))
    .where('operation', '!=', 'REVEAL')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row !== undefined) return { id: Number(row.id), epoch: wanted, revision };
  if (epoch === undefined && revision < head.log.revision && head.anchor.id > 0) throw tooOld(`revision ${revision}`);
  throw new RequestError('revision_unknown', `The audit trail has no revision ${revision}.`);
}

function tooOld(what: string): RequestError {
  return new RequestError(
    'history_unavailable',
    `The audit trail does not reach back to ${what}: older records were dropped by age.`,
  );
}
