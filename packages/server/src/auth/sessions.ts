import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import type { WallClock } from '../wall-clock.ts';
import { IDLE_MS } from './access-list.ts';
import type { AccessSync } from './access-sync.ts';
import { hashToken, newSecretToken } from './secret-token.ts';

/** Then somebody has to sign in again, however busy they are. */
const ABSOLUTE_MS = 7 * 24 * 60 * 60 * 1_000;
/** Of one user; beyond them, the oldest end. */
const MOST_SESSIONS = 50;
const LONGEST_AGENT = 200;

/** A user as of when the password was found to be right. */
export interface ProvenUser {
  readonly id: string;
  readonly passwordHash: string;
}

/** Where somebody signs in from. */
export interface Client {
  readonly address: string;
  readonly userAgent: string | null;
}

export interface SessionsOptions {
  readonly database: Database;
  readonly sync: AccessSync;
  readonly clock: WallClock;
}

/** Who is signed in. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * Begins a session, under a new token whatever there was before; that one (`previous`) ends.
   *
   * @returns the token, which is stored nowhere; null when the user got another password meanwhile, or was disabled.
   */
  async begin(user: ProvenUser, client: Client, previous: string | null): Promise<string | null> {
    const { database, sync, clock } = this.#options;
    const token = newSecretToken();
    const now = clock.now();
    const begun = await database.run((db) =>
      db.transaction().execute(async (transaction) => {
        if (!(await isStillProven(transaction, user))) return false;
        await deleteOld(transaction, user.id, now);
        if (previous !== null) {
          await transaction.deleteFrom('user_session').where('hash', '=', hashToken(previous)).execute();
        }
        const row = {
          id: randomUUID(),
          hash: hashToken(token),
          user_id: user.id,
          created_at: new Date(now),
          last_seen_at: new Date(now),
          expires_at: new Date(now + ABSOLUTE_MS),
          address: client.address,
          user_agent: client.userAgent?.replaceAll('\0', '').slice(0, LONGEST_AGENT) ?? null,
        };
        await transaction.insertInto('user_session').values(row).execute();
        return true;
      }),
    );
    if (!begun) return null;
    await sync.refresh();
    return token;
  }

  async end(id: string): Promise<void> {
    const { database, sync } = this.#options;
    await database.run((db) => db.deleteFrom('user_session').where('id', '=', id).execute());
    await sync.refresh();
  }
}

/** Locks the user: a new password ends the sessions that there are, and this one must be among them or never begin. */
async function isStillProven(db: Kysely<Tables>, { id, passwordHash }: ProvenUser): Promise<boolean> {
  const query = db.selectFrom('user_account').select('id').where('id', '=', id).where('is_disabled', '=', false);
  return (await query.where('password_hash', '=', passwordHash).forUpdate().executeTakeFirst()) !== undefined;
}

async function deleteOld(db: Kysely<Tables>, userId: string, now: number): Promise<void> {
  await db
    .deleteFrom('user_session')
    .where((where) =>
      where.or([where('expires_at', '<=', new Date(now)), where('last_seen_at', '<=', new Date(now - IDLE_MS))]),
    )
    .execute();
  const latest = db
    .selectFrom('user_session')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .limit(MOST_SESSIONS - 1);
  await db.deleteFrom('user_session').where('user_id', '=', userId).where('id', 'not in', latest).execute();
}
