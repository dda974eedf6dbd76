import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../database/schema.ts';
import type { ApiKey } from './api-key.ts';
import type { Rights } from './principal.ts';

/** A user, without the password. */
export interface User extends Rights {
  readonly id: string;
  /** What they sign in with; recorded as the author of changes. */
  readonly name: string;
  readonly isDisabled: boolean;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** A user who is signed in, somewhere. */
export interface Session {
  /** Public. */
  readonly id: string;
  /** Of the token in the cookie. */
  readonly hash: Buffer;
  readonly userId: string;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
  readonly address: string;
  readonly userAgent: string | null;
}

/** Everything that opens the server, as of one moment. */
export interface AccessRecords {
  readonly keys: readonly ApiKey[];
  readonly users: readonly User[];
  readonly sessions: readonly Session[];
}

type Rows = { readonly [T in keyof Tables]: Selectable<Tables[T]> };

export async function selectAccess(db: Kysely<Tables>): Promise<AccessRecords> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => ({
      keys: (await transaction.selectFrom('api_key').selectAll().orderBy('name').execute()).map(toApiKey),
      users: (await transaction.selectFrom('user_account').selectAll().orderBy('name').execute()).map(toUser),
      sessions: (await transaction.selectFrom('user_session').selectAll().orderBy('created_at').execute()).map(
        toSession,
      ),
    }));
}

/** Rights as columns. */
export function rightsColumns({ role, keyPatterns, readsSecrets }: Rights): {
  role: Rights['role'];
  key_patterns: string | null;
  reads_secrets: boolean;
} {
  return {
    role,
    key_patterns: keyPatterns === null ? null : JSON.stringify(keyPatterns),
    reads_secrets: readsSecrets,
  };
}

function toRights(row: Pick<Rows['api_key'], 'role' | 'key_patterns' | 'reads_secrets'>): Rights {
  return {
    role: row.role,
    keyPatterns: row.key_patterns === null ? null : (JSON.parse(row.key_patterns) as string[]),
    readsSecrets: row.reads_secrets,
  };
}

function toApiKey(row: Rows['api_key']): ApiKey {
  return {
    id: row.id,
    name: row.name,
    ...toRights(row),
    hash: row.hash,
    createdAtMs: row.created_at.getTime(),
    createdBy: row.created_by,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    lastUsedAtMs: row.last_used_at?.getTime() ?? null,
  };
}

export function toUser(row: Rows['user_account']): User {
  return {
    id: row.id,
    name: row.name,
    ...toRights(row),
    isDisabled: row.is_disabled,
    createdAtMs: row.created_at.getTime(),
    createdBy: row.created_by,
  };
}

function toSession(row: Rows['user_session']): Session {
  return {
    id: row.id,
    hash: row.hash,
    userId: row.user_id,
    createdAtMs: row.created_at.getTime(),
    lastSeenAtMs: row.last_seen_at.getTime(),
    expiresAtMs: row.expires_at.getTime(),
    address: row.address,
    userAgent: row.user_agent,
  };
}
