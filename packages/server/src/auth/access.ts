import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../database/database.ts';
import { wallClock } from '../wall-clock.ts';
import type { WallClock } from '../wall-clock.ts';
import { AccessList } from './access-list.ts';
import { selectAccess } from './access-records.ts';
import { AccessSync } from './access-sync.ts';
import { ApiKeys } from './api-keys.ts';
import { Passwords } from './passwords.ts';
import { Sessions } from './sessions.ts';
import { SignIn } from './sign-in.ts';
import { Users } from './users.ts';

export interface AccessOptions {
  readonly database: Database;
  readonly logger: FastifyBaseLogger;
  readonly clock?: WallClock;
  readonly passwords?: Passwords;
}

/** Who may do what, and how that is changed. */
export interface Access {
  readonly list: AccessList;
  readonly sync: AccessSync;
  readonly keys: ApiKeys;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  close(): Promise<void>;
}

/** @throws DatabaseFailure when it cannot be read who may do what. */
export async function openAccess({
  database,
  logger,
  clock = wallClock,
  passwords = new Passwords(),
}: AccessOptions): Promise<Access> {
  const list = new AccessList(await database.run(selectAccess), clock);
  const sync = new AccessSync({ database, list, clock, logger });
  const sessions = new Sessions({ database, sync, clock });
  return {
    list,
    sync,
    keys: new ApiKeys({ database, sync, clock }),
    users: new Users({ database, sync, clock, passwords }),
    sessions,
    signIn: new SignIn({ database, sync, sessions, passwords, clock }),
    close: () => sync.close(),
  };
}
