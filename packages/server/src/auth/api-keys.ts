import type { Database } from '../database/database.ts';
import { RequestError } from '../errors.ts';
import type { WallClock } from '../wall-clock.ts';
import type { AccessSync } from './access-sync.ts';
import { rightsColumns } from './access-records.ts';
import { adminsLeft } from './admins-left.ts';
import { newApiKey } from './api-key.ts';
import type { Principal, Rights } from './principal.ts';
import { hashToken } from './secret-token.ts';

export interface NewApiKey extends Rights {
  readonly name: string;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  readonly createdBy: string;
}

export interface ApiKeysOptions {
  readonly database: Database;
  readonly sync: AccessSync;
  readonly clock: WallClock;
}

/** The API keys of a server, and of all that share its database. */
export class ApiKeys {
  readonly #options: ApiKeysOptions;

  constructor(options: ApiKeysOptions) {
    this.#options = options;
  }

  /**
   * @returns the key itself, which is stored nowhere.
   * @throws RequestError `name_taken`
   */
  async create({ name, expiresAtMs, createdBy, ...rights }: NewApiKey): Promise<{ id: string; key: string }> {
    const { database, sync, clock } = this.#options;
    const { id, key } = newApiKey();
    const row = {
      id,
      name,
      hash: hashToken(key),
      ...rightsColumns(rights),
      created_at: new Date(clock.now()),
      created_by: createdBy,
      expires_at: expiresAtMs === null ? null : new Date(expiresAtMs),
    };
    const made = await database.run((db) =>
      db
        .insertInto('api_key')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('id')
        .executeTakeFirst(),
    );
    if (made === undefined) {
      throw new RequestError('name_taken', `There is an API key named ${name}: revoke it first, or take another name.`);
    }
    await sync.refresh();
    return { id, key };
  }

  /**
   * @returns false when there is no such key.
   * @throws RequestError `last_admin`
   */
  async revoke(id: string, by: Principal): Promise<boolean> {
    const { database, sync, clock } = this.#options;
    const now = new Date(clock.now());
    const outcome = await database.run((db) =>
      db.transaction().execute(async (transaction) => {
        const left = await adminsLeft(transaction, now, { withoutKey: id });
        if (by.id === id ? !left.hasKey : !left.hasKey && !left.hasUser) return 'last';
        const { numDeletedRows } = await transaction.deleteFrom('api_key').where('id', '=', id).executeTakeFirst();
        return numDeletedRows > 0n ? 'revoked' : 'unknown';
      }),
    );
    if (outcome === 'last') {
      throw new RequestError(
        'last_admin',
        'This is the last API key of an admin: make another one before it is revoked.',
      );
    }
    await sync.refresh();
    return outcome === 'revoked';
  }
}
