import type { Transaction } from 'kysely';
import type { Tables } from '../database/schema.ts';

interface Admins {
  /** An API key without limits that is valid now. */
  readonly hasKey: boolean;
  /** A user without limits who can sign in. */
  readonly hasUser: boolean;
}

interface Without {
  readonly withoutKey?: string;
  readonly withoutUser?: string;
}

/**
 * Which admins there are without one of them. Nobody else can change that until the transaction ends: or two admins who
 * remove each other at the same time would leave none.
 */
export async function adminsLeft(
  transaction: Transaction<Tables>,
  now: Date,
  { withoutKey, withoutUser }: Without,
): Promise<Admins> {
  const keys = await transaction
    .selectFrom('api_key')
    .select(['id', 'expires_at', 'key_patterns', 'reads_secrets'])
    .where('role', '=', 'admin')
    .orderBy('id')
    .forUpdate()
    .execute();
  const users = await transaction
    .selectFrom('user_account')
    .select(['id', 'is_disabled', 'key_patterns', 'reads_secrets'])
    .where('role', '=', 'admin')
    .orderBy('id')
    .forUpdate()
    .execute();
  const isUnlimited = (row: { key_patterns: string | null; reads_secrets: boolean }): boolean =>
    row.key_patterns === null && row.reads_secrets;
  return {
    hasKey: keys.some(
      (key) => key.id !== withoutKey && isUnlimited(key) && (key.expires_at === null || key.expires_at > now),
    ),
    hasUser: users.some((user) => user.id !== withoutUser && isUnlimited(user) && !user.is_disabled),
  };
}
