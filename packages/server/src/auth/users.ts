import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { RequestError } from '../errors.ts';
import type { WallClock } from '../wall-clock.ts';
import { rightsColumns, toUser } from './access-records.ts';
import type { User } from './access-records.ts';
import type { AccessSync } from './access-sync.ts';
import { adminsLeft } from './admins-left.ts';
import type { Passwords } from './passwords.ts';
import type { Rights } from './principal.ts';

export interface NewUser extends Rights {
  readonly name: string;
  readonly password: string;
  readonly createdBy: string;
}

/** What is to be changed of a user; undefined: nothing. */
export interface UserChange extends Partial<Rights> {
  readonly password?: string | undefined;
  readonly isDisabled?: boolean | undefined;
}

export interface UsersOptions {
  readonly database: Database;
  readonly sync: AccessSync;
  readonly clock: WallClock;
  readonly passwords: Passwords;
}

/** People who sign in with a password. */
export class Users {
  readonly #options: UsersOptions;

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  /** @throws RequestError `name_taken` */
  async create({ name, password, createdBy, ...rights }: NewUser): Promise<void> {
    const { database, sync, clock, passwords } = this.#options;
    const row = {
      id: randomUUID(),
      name,
      password_hash: await passwords.hash(password),
      ...rightsColumns(rights),
      is_disabled: false,
      created_at: new Date(clock.now()),
      created_by: createdBy,
    };
    const made = await database.run((db) =>
      db
        .insertInto('user_account')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('id')
        .executeTakeFirst(),
    );
    if (made === undefined) throw new RequestError('name_taken', `There is a user named ${name}.`);
    await sync.refresh();
  }

  /**
   * Changes a user. A new password, or being disabled, ends the user's sessions.
   *
   * @returns null when there is no such user.
   * @throws RequestError `last_admin`
   */
  async change(name: string, { password, isDisabled, ...rights }: UserChange): Promise<User | null> {
    const { passwords } = this.#options;
    const passwordHash = password === undefined ? undefined : await passwords.hash(password);
    return this.#alter(name, (user) => ({
      ...rightsColumns({ ...user, ...rights }),
      is_disabled: isDisabled ?? user.isDisabled,
      ...(passwordHash !== undefined && { password_hash: passwordHash }),
    }));
  }

  /**
   * @returns false when there is no such user.
   * @throws RequestError `last_admin`
   */
  async delete(name: string): Promise<boolean> {
    return (await this.#alter(name, () => 'deleted')) !== null;
  }

  async #alter(name: string, decide: (user: User) => Columns | 'deleted'): Promise<User | null> {
    const { database, sync, clock } = this.#options;
    const now = new Date(clock.now());
    const outcome = await database.run((db) =>
      db.transaction().execute(async (transaction) => {
        const query = transaction.selectFrom('user_account').selectAll().where('name', '=', name).forUpdate();
        const row = await query.executeTakeFirst();
        if (row === undefined) return null;
        const user = toUser(row);
        const columns = decide(user);
        const left = await adminsLeft(transaction, now, { withoutUser: user.id });
        if (wasAdmin(user) && !staysAdmin(columns) && !left.hasKey && !left.hasUser) return 'last';
        if (columns === 'deleted') {
          await transaction.deleteFrom('user_account').where('id', '=', user.id).execute();
          return user;
        }
        if (columns.password_hash !== undefined || columns.is_disabled) {
          await transaction.deleteFrom('user_session').where('user_id', '=', user.id).execute();
        }
        const update = transaction.updateTable('user_account').set(columns).where('id', '=', user.id);
        return toUser(await update.returningAll().executeTakeFirstOrThrow());
      }),
    );
    if (outcome === 'last') {
      throw new RequestError('last_admin', `Without ${name} nobody is admin any more: make another admin first.`);
    }
    await sync.refresh();
    return outcome;
  }
}

type Columns = ReturnType<typeof rightsColumns> & { readonly is_disabled: boolean; readonly password_hash?: string };

function wasAdmin({ role, keyPatterns, readsSecrets, isDisabled }: User): boolean {
  return role === 'admin' && keyPatterns === null && readsSecrets && !isDisabled;
}

function staysAdmin(columns: Columns | 'deleted'): boolean {
  if (columns === 'deleted') return false;
  return columns.role === 'admin' && columns.key_patterns === null && columns.reads_secrets && !columns.is_disabled;
}
