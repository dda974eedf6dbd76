import { ChangeSetSize, MAX_CHANGES } from './change-set.ts';
import type { ChangeInput } from './change-set.ts';
import type { ChangeOptions } from './connect-options.ts';
import { RevisionConflictError } from './errors.ts';
import type { Loss } from './replica/replica.ts';
import type { LoggedCommit } from './store.ts';

/** What settling needs of a `DynamicConfig`. */
export interface Settler {
  /** The text of a key. */
  get(key: string): string | null;
  commit(changes: readonly ChangeInput[], options: ChangeOptions): Promise<LoggedCommit>;
}

/**
 * Puts back, or gives up, what an emptied store lost: in change sets as large as they may be, and nothing that somebody
 * has set since.
 */
export async function settleLoss(
  config: Settler,
  loss: Loss | null,
  how: 'restore' | 'delete',
  options: ChangeOptions,
): Promise<readonly LoggedCommit[]> {
  const commits: LoggedCommit[] = [];
  for (const changeSet of changeSetsOf(config, [...(loss?.keys ?? [])], how)) {
    const commit = await commitFree(config, changeSet, options);
    if (commit !== null) commits.push(commit);
  }
  return commits;
}

function* changeSetsOf(config: Settler, keys: readonly string[], how: 'restore' | 'delete'): Iterable<ChangeInput[]> {
  let changes: ChangeInput[] = [];
  let size = new ChangeSetSize();
  for (const key of keys) {
    const value = config.get(key);
    if (value === null) continue;
    const stored = how === 'restore' ? value : null;
    size.add(key, stored);
    if (changes.length === MAX_CHANGES || size.problem !== null) {
      yield changes;
      changes = [];
      size = new ChangeSetSize();
      size.add(key, stored);
    }
    changes.push(how === 'restore' ? { key, value, ifRevision: 0 } : { key, delete: true, ifRevision: 0 });
  }
  if (changes.length > 0) yield changes;
}

/** Commits the changes of those keys that have no entry; null when none is left. */
async function commitFree(
  config: Settler,
  changeSet: readonly ChangeInput[],
  options: ChangeOptions,
): Promise<LoggedCommit | null> {
  let changes = changeSet;
  while (changes.length > 0) {
    try {
      return await config.commit(changes, options);
    } catch (error) {
      const taken = error instanceof RevisionConflictError ? error.key : null;
      if (taken === null) throw error;
      changes = changes.filter(({ key }) => key !== taken);
    }
  }
  return null;
}
