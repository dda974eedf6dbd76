import type { Entry } from '@mutt/dynamic-config';
import { Failure } from './failure.ts';
import { changesOf, revisionAt, valueAt, type KeyChange, type Log } from './log-history.ts';
import { keyMissing } from './key-missing.ts';
import { actionOf, type PlannedChange } from './plan.ts';

// The way back, from the log of the store: the same rules as those of a server's rollback.

/** What is there now. */
type CurrentOf = (key: string) => Entry | undefined;

export interface RollbackPlan {
  readonly plan: readonly PlannedChange[];
  /** The beginning of the recorded reason. */
  readonly what: string;
}

interface Undo {
  readonly key: string;
  readonly change: KeyChange;
  /** Somebody changed the key since. */
  readonly isNewer: boolean;
}

/** Undoes what a revision did to a key, or its last change. */
export function undoOfKey(
  log: Log,
  { key, revision }: { readonly key: string; readonly revision?: number | undefined },
  { currentOf, force }: { readonly currentOf: CurrentOf; readonly force: boolean },
): RollbackPlan {
  const changes = changesOf(log, key);
  const n = revision === undefined ? 0 : changes.findIndex(({ commit }) => commit.revision === revision);
  const change = changes[n];
  if (change === undefined) {
    if (revision === undefined && currentOf(key) === undefined) throw keyMissing(key, []);
    throw unknown(log, revision === undefined ? `No change of ${key}` : `No change of ${key} in revision ${revision}`);
  }
  return undo([{ key, change, isNewer: n > 0 }], change.commit.revision, { currentOf, force });
}

/** Undoes a whole change set. */
export function undoOfChangeSet(
  log: Log,
  revision: number,
  options: { readonly currentOf: CurrentOf; readonly force: boolean },
): RollbackPlan {
  const commit = log.commits.find((one) => one.revision === revision);
  if (commit === undefined) throw unknown(log, `No change set of revision ${revision}`);
  const undos = commit.changes.map(({ key }): Undo => {
    const changes = changesOf(log, key);
    const n = changes.findIndex((one) => one.commit === commit);
    return { key, change: changes[n] as KeyChange, isNewer: n > 0 };
  });
  return undo(undos, revision, options);
}

/** Puts back what a key held at a revision, whatever happened since. */
export function backTo(log: Log, key: string, revision: number, currentOf: CurrentOf): RollbackPlan {
  const at = revisionAt(log, { revision });
  const current = currentOf(key);
  const plan = [{ key, value: valueAt(log, key, at, current), current }];
  return { plan: assertChanges(plan), what: `Rolled back to revision ${revision}` };
}

function undo(
  undos: readonly Undo[],
  revision: number,
  { currentOf, force }: { readonly currentOf: CurrentOf; readonly force: boolean },
): RollbackPlan {
  const unknownBefore = undos.filter(
    ({ change }) => change.commit.source === 'out-of-band' && change.previousValue === null && change.value !== null,
  );
  if (unknownBefore.length > 0 && !force) {
    throw new Failure(
      'rollback_conflict',
      `What ${names(unknownBefore.map(({ key }) => key))} held before somebody wrote past us is not known. Pass --force to delete.`,
    );
  }
  const trampled = undos.filter(
    ({ key, change, isNewer }) => isNewer || (currentOf(key)?.value ?? null) !== change.value,
  );
  if (trampled.length > 0 && !force) throw rollbackConflict(trampled.map(({ key }) => [key, currentOf(key)]));
  const plan = undos.map(({ key, change }) => ({ key, value: change.previousValue, current: currentOf(key) }));
  return { plan: assertChanges(plan), what: `Rolled back revision ${revision}` };
}

/** Newer changes are in the way. */
export function rollbackConflict(keys: readonly (readonly [key: string, entry: Entry | undefined])[]): Failure {
  const said = keys.map(([key, entry]) => {
    const what = entry === undefined ? 'deleted' : `changed in revision ${entry.revision}`;
    return `${key} was ${what}${entry?.changedBy == null ? '' : ` by ${entry.changedBy}`}`;
  });
  return new Failure(
    'rollback_conflict',
    `Rolling back would take back newer changes: ${names(said)}. Pass --force to do so.`,
  );
}

function assertChanges(plan: readonly PlannedChange[]): PlannedChange[] {
  const changes = plan.filter((change) => actionOf(change) !== 'keep');
  if (changes.length > 0) return changes;
  throw new Failure('rollback_conflict', 'There is nothing to roll back: all is as it was before.');
}

function unknown(log: Log, what: string): Failure {
  const [oldest] = log.commits;
  if (log.isComplete) return new Failure('revision_unknown', `${what} is in the log of the store.`);
  return new Failure(
    'history_unavailable',
    `${what} is in the log of the store, which begins with revision ${oldest?.revision ?? 'none'}. The audit trail of a server may have it: use --url http://….`,
  );
}

function names(all: readonly string[]): string {
  return all.length > 5 ? `${all.slice(0, 5).join(', ')} and ${all.length - 5} more` : all.join(', ');
}
