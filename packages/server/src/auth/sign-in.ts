import { randomUUID } from 'node:crypto';
import { AccessDeniedError } from '@mutt/dynamic-config';
import type { Database } from '../database/database.ts';
import type { WallClock } from '../wall-clock.ts';
import { addressGroup } from './address-group.ts';
import type { AccessSync } from './access-sync.ts';
import { FailureLimit } from './failure-limit.ts';
import type { Passwords } from './passwords.ts';
import type { Client, ProvenUser, Sessions } from './sessions.ts';
import { takeSignInToken } from './sign-in-link.ts';

const PER_NAME = { free: 10, everyMs: 30_000, mostSubjects: 10_000 };
const PER_ADDRESS = { free: 30, everyMs: 5_000, mostSubjects: 10_000 };
const REFUSED = 'The user name or the password is wrong.';
const LINK_REFUSED =
  'This sign-in link is unknown, was used already, or is older than 24 hours. Print a new one: npm start -- --sign-in-link.';

export interface SignInOptions {
  readonly database: Database;
  readonly sync: AccessSync;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly clock: WallClock;
}

/** One who wants to sign in. */
export interface Visitor extends Client {
  /** The token of the session that they have already, if any. */
  readonly previous: string | null;
}

/** The session in which somebody does something. */
export interface SessionRef {
  readonly id: string;
  readonly address: string;
}

/** How people get in. Each way resolves with the token of a new session. */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #names: FailureLimit;
  readonly #addresses: FailureLimit;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#names = new FailureLimit(PER_NAME, options.clock);
    this.#addresses = new FailureLimit(PER_ADDRESS, options.clock);
  }

  /** @throws AccessDeniedError, TooManyRequestsError */
  async withPassword(name: string, password: string, visitor: Visitor): Promise<string> {
    const user = await this.#limited(visitor.address, name, () => this.#check(name, password));
    return this.#begin(user, visitor);
  }

  /**
   * With the link that the server printed: makes the user an admin with this password, whoever they were before.
   *
   * @throws AccessDeniedError, TooManyRequestsError
   */
  async withLink(token: string, name: string, password: string, visitor: Visitor): Promise<string> {
    const user = await this.#limited(visitor.address, null, () => this.#setUp(token, name, password));
    return this.#begin(user, visitor);
  }

  /**
   * Changes one's own password. All other sessions of the user end.
   *
   * @throws AccessDeniedError, TooManyRequestsError
   */
  async changePassword(name: string, passwords: { old: string; new: string }, session: SessionRef): Promise<void> {
    const { database, sync, passwords: hashing } = this.#options;
    const user = await this.#limited(session.address, name, () => this.#check(name, passwords.old));
    const password_hash = await hashing.hash(passwords.new);
    await database.run((db) =>
      db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('user_account')
          .set({ password_hash })
          .where('id', '=', user.id)
          .where('password_hash', '=', user.passwordHash)
          .execute();
        await transaction
          .deleteFrom('user_session')
          .where('user_id', '=', user.id)
          .where('id', '!=', session.id)
          .execute();
      }),
    );
    await sync.refresh();
  }

  async #begin(user: ProvenUser, visitor: Visitor): Promise<string> {
    const token = await this.#options.sessions.begin(user, visitor, visitor.previous);
    if (token === null) throw new AccessDeniedError('unauthorized', REFUSED);
    return token;
  }

  /** Counts an attempt by address and by name, unless it succeeds, or never got as far as an answer. */
  async #limited(address: string, name: string | null, attempt: () => Promise<ProvenUser | null>): Promise<ProvenUser> {
    const attempts = [
      this.#addresses.attempt(addressGroup(address)),
      ...(name === null ? [] : [this.#names.attempt(name)]),
    ];
    const takeBack = (): void => attempts.forEach((one) => one());
    const user = await attempt().catch((error: unknown) => {
      takeBack();
      throw error;
    });
    if (user === null) throw new AccessDeniedError('unauthorized', name === null ? LINK_REFUSED : REFUSED);
    takeBack();
    return user;
  }

  async #check(name: string, password: string): Promise<ProvenUser | null> {
    const { database, passwords } = this.#options;
    const user = await database.run((db) =>
      db
        .selectFrom('user_account')
        .select(['id', 'password_hash'])
        .where('name', '=', name)
        .where('is_disabled', '=', false)
        .executeTakeFirst(),
    );
    const isRight = await passwords.isRight(password, user?.password_hash ?? null);
    return isRight && user !== undefined ? { id: user.id, passwordHash: user.password_hash } : null;
  }

  async #setUp(token: string, name: string, password: string): Promise<ProvenUser | null> {
    const { database, passwords, clock } = this.#options;
    const now = clock.now();
    const columns = {
      password_hash: await passwords.hash(password),
      role: 'admin',
      key_patterns: null,
      reads_secrets: true,
      is_disabled: false,
    } as const;
    return database.run((db) =>
      db.transaction().execute(async (transaction) => {
        if (!(await takeSignInToken(transaction, token, now))) return null;
        const { id } = await transaction
          .insertInto('user_account')
          .values({ id: randomUUID(), name, created_at: new Date(now), created_by: 'sign-in link', ...columns })
          .onConflict((conflict) => conflict.column('name').doUpdateSet(columns))
          .returning('id')
          .executeTakeFirstOrThrow();
        await transaction.deleteFrom('user_session').where('user_id', '=', id).execute();
        return { id, passwordHash: columns.password_hash };
      }),
    );
  }
}
