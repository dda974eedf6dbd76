import { timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/schema.ts';
import { newApiKey } from './api-key.ts';
import { hashToken } from './secret-token.ts';

const ADMIN = 'admin';

export interface AdminKeyOptions {
  /** The key that the operator wants (`MUTT_API_KEY`). */
  readonly wanted?: string | undefined;
  /** Replace the stored key. */
  readonly replace: boolean;
}

/** How the server came to its admin key. */
export interface AdminKey {
  /** Public. */
  readonly id: string;
  /**
   * - `generated`: made now; `key` is it, and will never be seen again.
   * - `taken`: the operator's, now stored.
   * - `kept`: the one from an earlier start.
   * - `kept-despite-wanted`: the same, though the operator gave another one.
   * - `none`: it was revoked, and there are other admins.
   */
  readonly origin: 'generated' | 'taken' | 'kept' | 'kept-despite-wanted' | 'none';
  /** The key itself, when it was generated or taken. */
  readonly key: string | null;
}

/** The admin key: the stored one, or on the first start (or to replace it) the wanted one, or a new one. Stores nothing. */
export async function chooseAdminKey(db: Kysely<Tables>, { wanted, replace }: AdminKeyOptions): Promise<AdminKey> {
  const stored = await selectAdminKey(db);
  if (stored !== undefined && !replace) return kept(stored, wanted);
  if (!replace && (await hasOtherAdmins(db))) return { id: '', origin: 'none', key: null };
  const { id, key } = newApiKey();
  return { id, key: wanted ?? key, origin: wanted === undefined ? 'generated' : 'taken' };
}

/**
 * Stores a key that was made or taken, in place of the one before when it replaces that. Servers that start at the same
 * time agree on one.
 *
 * @returns how the server came to its key, after all.
 */
export async function saveAdminKey(
  db: Kysely<Tables>,
  chosen: AdminKey,
  { wanted, replace }: AdminKeyOptions,
): Promise<AdminKey> {
  const { id, key } = chosen;
  if (key === null) return chosen;
  return db.transaction().execute(async (transaction) => {
    if (replace) await transaction.deleteFrom('api_key').where('name', '=', ADMIN).execute();
    const made = await transaction
      .insertInto('api_key')
      .values({ id, name: ADMIN, role: 'admin', hash: hashToken(key), created_at: new Date(), created_by: 'server' })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    const stored = made === undefined ? await selectAdminKey(transaction) : undefined;
    return stored === undefined ? chosen : kept(stored, wanted);
  });
}

type StoredKey = Pick<Tables['api_key'], 'id' | 'hash'>;

function selectAdminKey(db: Kysely<Tables>): Promise<StoredKey | undefined> {
  return db.selectFrom('api_key').select(['id', 'hash']).where('name', '=', ADMIN).executeTakeFirst();
}

function kept({ id, hash }: StoredKey, wanted: string | undefined): AdminKey {
  const isOther = wanted !== undefined && !timingSafeEqual(hashToken(wanted), hash);
  return { id, origin: isOther ? 'kept-despite-wanted' : 'kept', key: null };
}

async function hasOtherAdmins(db: Kysely<Tables>): Promise<boolean> {
  const key = await db.selectFrom('api_key').select('id').where('role', '=', 'admin').executeTakeFirst();
  const user = await db.selectFrom('user_account').select('id').where('role', '=', 'admin').executeTakeFirst();
  return key !== undefined || user !== undefined;
}
