import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';
import { hashApiKey, newApiKey } from './api-key.ts';
import type { ApiKey } from './api-key.ts';

const ADMIN = 'admin';

export interface AdminKeyOptions {
  /** The key that the operator wants (`MUTT_API_KEY`). */
  readonly wanted?: string | undefined;
  /** Replace the stored key. */
  readonly replace: boolean;
}

/** How the server came to its admin key. */
export interface AdminKey {
  readonly stored: ApiKey;
  /**
   * - `generated`: made now; `key` is it, and will never be seen again.
   * - `taken`: the operator's, now stored.
   * - `kept`: the one from an earlier start.
   * - `kept-despite-wanted`: the same, though the operator gave another one.
   */
  readonly origin: 'generated' | 'taken' | 'kept' | 'kept-despite-wanted';
  /** The key itself, when it was generated or taken. */
  readonly key: string | null;
}

/** The admin key: the stored one, or on the first start (or to replace it) the wanted one, or a new one. Stores nothing. */
export async function chooseAdminKey(db: Kysely<Tables>, { wanted, replace }: AdminKeyOptions): Promise<AdminKey> {
  const query = db.selectFrom('api_key').select(['id', 'name', 'role', 'hash']).where('name', '=', ADMIN);
  const stored = await query.executeTakeFirst();
  if (stored !== undefined && !replace) {
    const isOther = wanted !== undefined && !timingSafeEqual(hashApiKey(wanted), stored.hash);
    return { stored, origin: isOther ? 'kept-despite-wanted' : 'kept', key: null };
  }
  const key = wanted ?? newApiKey();
  const made: ApiKey = { id: randomUUID(), name: ADMIN, role: 'admin', hash: hashApiKey(key) };
  return { stored: made, origin: wanted === undefined ? 'generated' : 'taken', key };
}

/** Stores a key that was made or taken, in place of the one before. */
export async function saveAdminKey(db: Kysely<Tables>, { stored, key }: AdminKey): Promise<void> {
  if (key === null) return;
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('api_key').where('name', '=', ADMIN).execute();
    await transaction
      .insertInto('api_key')
      .values({ ...stored, created_at: new Date() })
      .execute();
  });
}
