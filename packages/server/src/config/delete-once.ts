import { KeyNotFoundError, RevisionConflictError } from '@mutt/dynamic-config';
import type { DynamicConfig, LoggedCommit, SetOptions } from '@mutt/dynamic-config';

/** A revision that no key is ever at. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Deletes a key. A deletion that is sent again finds no key any more: it is told from one of a key that never was by its
 * request id.
 *
 * @throws KeyNotFoundError
 */
export async function deleteOnce(config: DynamicConfig, key: string, options: SetOptions): Promise<LoggedCommit> {
  try {
    return await config.delete(key, options);
  } catch (error) {
    if (!(error instanceof KeyNotFoundError) || options.requestId === undefined) throw error;
    try {
      // A request id that is known is answered before any precondition is looked at; for a new one, nothing is written.
      return await config.commit([{ key, delete: true, ifRevision: NEVER }], { ...options, ifRevision: undefined });
    } catch (refused) {
      throw refused instanceof RevisionConflictError ? error : refused;
    }
  }
}
