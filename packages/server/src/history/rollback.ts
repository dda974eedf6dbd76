import { RevisionConflictError } from '@mutt/dynamic-config';
import type { ChangeInput, DynamicConfig } from '@mutt/dynamic-config';
import type { ShowValue } from '../audit/audit-json.ts';
import type { AuditRecord } from '../audit/audit-record.ts';
import { valueIn } from '../audit/audit-record.ts';
import { RequestError } from '../errors.ts';

/** What a key is to hold again; null: nothing. */
export interface Undo {
  readonly key: string;
  readonly value: string | null;
  /** What the change that is undone left there; undefined: whatever is there may go. */
  readonly left?: string | null;
  /** Somebody wrote past us, and nobody knows what was there before. */
  readonly isUnknown?: boolean;
}

/** What stands in the way of an undo: a key that somebody changed since. */
interface Trampled {
  readonly key: string;
  readonly value: string | null;
  readonly revision: number;
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
}

export interface RollbackOptions {
  /** Take back newer changes, too. */
  readonly isForced: boolean;
  /** The revision at which the caller believes the keys to be. */
  readonly ifRevision?: number | undefined;
  readonly show: ShowValue;
}

/** What undoes the records of a change set. */
export function undoOf(records: readonly AuditRecord[]): Undo[] {
  return records.flatMap(({ key, oldValues, newValues, source }) => {
    if (key === null) return [];
    const isUnknown = source === 'out-of-band' && oldValues === null;
    return [{ key, value: valueIn(oldValues), left: valueIn(newValues), isUnknown }];
  });
}

/**
 * The changes that undo, each on condition that the key is as it is now.
 *
 * @param newer keys that have newer records than those that are undone.
 * @throws RequestError when newer changes would be taken back, unless told to, and when there is nothing to change.
 */
export function toChangeInputs(
  config: DynamicConfig,
  { undos, newer }: { readonly undos: readonly Undo[]; readonly newer: ReadonlySet<string> },
  { isForced, ifRevision, show }: RollbackOptions,
): ChangeInput[] {
  const unknown = undos.filter((undo) => undo.isUnknown === true && undo.left !== null).map(({ key }) => key);
  if (unknown.length > 0 && !isForced) {
    const names =
      unknown.length > 5 ? `${unknown.slice(0, 5).join(', ')} and ${unknown.length - 5} more` : unknown.join(', ');
    throw new RequestError(
      'rollback_conflict',
      `What ${names} held before somebody wrote past us is not known. Send "force": true to delete.`,
    );
  }
  const isTrampled = ({ key, left }: Undo): boolean =>
    left !== undefined && (newer.has(key) || (config.entry(key)?.value ?? null) !== left);
  const trampled = undos.filter(isTrampled).map(({ key }) => whatIs(config, key));
  if (trampled.length > 0 && !isForced) throw conflict(trampled, show);
  const changes = undos.flatMap(({ key, value }): ChangeInput[] => {
    const current = config.entry(key);
    if ((current?.value ?? null) === value) return [];
    const expected = ifRevision ?? current?.revision ?? 0;
    return [value === null ? { key, delete: true, ifRevision: expected } : { key, value, ifRevision: expected }];
  });
  if (changes.length > 0) return changes;
  throw new RequestError('rollback_conflict', 'There is nothing to roll back: all is as it was before.', {
    details: detailsOf(
      undos.map(({ key }) => whatIs(config, key)),
      show,
    ),
  });
}

/** Somebody was quicker: what the conflict is, in terms of an undo. */
export function asConflict(error: unknown, config: DynamicConfig, show: ShowValue): unknown {
  if (!(error instanceof RevisionConflictError) || error.key === null) return error;
  return conflict([whatIs(config, error.key)], show);
}

function conflict(trampled: readonly Trampled[], show: ShowValue): RequestError {
  const shown = trampled.slice(0, 5).map(({ key, changedBy, revision, value }) => {
    const what = value === null ? 'deleted' : `changed in revision ${revision}`;
    return `${key} was ${what}${changedBy === null ? '' : ` by ${changedBy}`}`;
  });
  const more = trampled.length > shown.length ? ` and ${trampled.length - shown.length} more` : '';
  return new RequestError(
    'rollback_conflict',
    `Rolling back would take back newer changes: ${shown.join(', ')}${more}. Send "force": true to do so.`,
    { details: detailsOf(trampled, show) },
  );
}

/** What is there now. */
function detailsOf(keys: readonly Trampled[], show: ShowValue): Readonly<Record<string, unknown>> {
  return {
    keys: keys.map(({ key, value, revision, changedAtMs, changedBy }) => ({
      key,
      value: value === null ? null : show(key, value),
      revision,
      changed_at: changedAtMs === null ? null : new Date(changedAtMs).toISOString(),
      changed_by: changedBy,
    })),
  };
}

function whatIs(config: DynamicConfig, key: string): Trampled {
  const { value = null, revision = 0, changedAtMs = null, changedBy = null } = config.entry(key) ?? {};
  return { key, value, revision, changedAtMs, changedBy };
}
