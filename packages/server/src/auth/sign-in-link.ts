import type { Kysely, Transaction } from 'kysely';
import type { Tables } from '../database/schema.ts';
import { hashToken, newSecretToken } from './secret-token.ts';

const VALID_MS = 24 * 60 * 60 * 1_000;

/** Whether there is anybody who could sign in. */
export async function hasUsers(db: Kysely<Tables>): Promise<boolean> {
  return (await db.selectFrom('user_account').select('id').limit(1).executeTakeFirst()) !== undefined;
}

/** Makes the token of a link with which one person signs in once, as admin. Those before are void. */
export async function newSignInToken(db: Kysely<Tables>, now: number): Promise<string> {
  const token = newSecretToken();
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('sign_in_link').execute();
    await transaction
      .insertInto('sign_in_link')
      .values({ hash: hashToken(token), expires_at: new Date(now + VALID_MS) })
      .execute();
  });
  return token;
}

/** Where the token goes: behind `#`, so no server and no proxy on the way writes it into a log. */
export function signInUrl(base: string, token: string): string {
  return `${base.replace(/\/$/, '')}/sign-in#token=${token}`;
}

/** Uses a token up; false when it is none, or was used, or is too old. */
export async function takeSignInToken(transaction: Transaction<Tables>, token: string, now: number): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom('sign_in_link')
    .where('hash', '=', hashToken(token))
    .where('expires_at', '>', new Date(now))
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
