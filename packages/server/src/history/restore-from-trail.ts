import { MAX_CHANGE_SET_BYTES, MAX_CHANGES, RevisionConflictError } from '@mutt/dynamic-config';
import type { ChangeInput, ChangeOptions, DynamicConfig } from '@mutt/dynamic-config';
import type { PastEntry } from './state.ts';

/**
 * Sets the keys that have no entry to what they held: one change set, or as many as the limits ask for. What somebody has
 * set since is left alone.
 *
 * @returns how many were set.
 */
export async function restoreMissing(
  config: DynamicConfig,
  state: ReadonlyMap<string, PastEntry>,
  options: ChangeOptions,
): Promise<number> {
  let restored = 0;
  for (const changes of changeSets(config, state)) restored += await commitFree(config, changes, options);
  return restored;
}

function* changeSets(config: DynamicConfig, state: ReadonlyMap<string, PastEntry>): Iterable<ChangeInput[]> {
  const lost = new Set(config.status().alarm?.keys);
  let changes: ChangeInput[] = [];
  let bytes = 0;
  for (const [key, { value }] of state) {
    // A value that only this server still holds, since the store was emptied, is missing there.
    if (config.entry(key) !== undefined && !lost.has(key)) continue;
    const size = key.length + Buffer.byteLength(value);
    if (changes.length === MAX_CHANGES || bytes + size > MAX_CHANGE_SET_BYTES) {
      yield changes;
      [changes, bytes] = [[], 0];
    }
    changes.push({ key, value, ifRevision: 0 });
    bytes += size;
  }
  if (changes.length > 0) yield changes;
}

/** Commits the changes of those keys that still have no entry. */
async function commitFree(
  config: DynamicConfig,
  changeSet: readonly ChangeInput[],
  options: ChangeOptions,
): Promise<number> {
  for (let changes = changeSet; changes.length > 0;) {
    try {
      return (await config.commit(changes, options)).changes.length;
    } catch (error) {
      const taken = error instanceof RevisionConflictError ? error.key : null;
      if (taken === null) throw error;
      changes = changes.filter(({ key }) => key !== taken);
    }
  }
  return 0;
}
