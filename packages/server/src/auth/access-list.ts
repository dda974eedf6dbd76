import type { WallClock } from '../wall-clock.ts';
import type { AccessRecords, Session, User } from './access-records.ts';
import type { ApiKey } from './api-key.ts';
import type { Principal } from './principal.ts';
import { hashToken } from './secret-token.ts';

/** A session that nobody uses for so long ends. */
export const IDLE_MS = 12 * 60 * 60 * 1_000;

/** One way in: an API key, or a session. */
export interface Grant {
  /** `key:<id>` or `session:<id>`. */
  readonly id: string;
  readonly principal: Principal;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  /** Null for an API key. */
  readonly session: Session | null;
  lastUsedAtMs: number | null;
}

type RevokedListener = (grantId: string) => void;

/**
 * Who is let in, in memory: every request is checked here, none asks the database. What is here stays until it is
 * replaced, or runs out.
 */
export class AccessList {
  readonly #clock: Pick<WallClock, 'now'>;
  readonly #listeners = new Set<RevokedListener>();
  #records: AccessRecords = { keys: [], users: [], sessions: [] };
  /** By the hash of the key or token: whoever looks for one knows it, so how long that takes tells nothing. */
  #grants: ReadonlyMap<string, Grant> = new Map();
  #used = new Map<string, Grant>();

  constructor(records: AccessRecords, clock: Pick<WallClock, 'now'>) {
    this.#clock = clock;
    this.replace(records);
  }

  get records(): AccessRecords {
    return this.#records;
  }

  byKey(key: string): Grant | null {
    return this.#use('key', key);
  }

  bySession(token: string): Grant | null {
    return this.#use('session', token);
  }

  /** All keys, also those that have expired, with when they were used last. */
  keys(): readonly ApiKey[] {
    return this.#records.keys.map((key) => {
      const grant = this.#grants.get(indexOf('key', key.hash));
      return { ...key, lastUsedAtMs: grant?.lastUsedAtMs ?? key.lastUsedAtMs };
    });
  }

  /** The sessions that are not over, with when they were used last. */
  sessions(): readonly Session[] {
    return [...this.#grants.values()].flatMap(({ session, lastUsedAtMs }) =>
      session === null ? [] : [{ ...session, lastSeenAtMs: lastUsedAtMs ?? session.lastSeenAtMs }],
    );
  }

  /**
   * Calls `listener` with the id of each grant that is revoked, has run out or has other rights now: whatever it
   * holds open must be closed. The returned function ends that.
   */
  onRevoked(listener: RevokedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes what the database has now. */
  replace(records: AccessRecords): void {
    const before = this.#grants;
    const users = new Map(records.users.map((user) => [user.id, user]));
    const grants = [...records.keys.map(toKeyGrant), ...records.sessions.flatMap((one) => toSessionGrants(one, users))];
    const now = new Map<string, Grant>();
    for (const [hash, grant] of grants) {
      const lastUsedAtMs = Math.max(grant.lastUsedAtMs ?? 0, before.get(hash)?.lastUsedAtMs ?? 0) || null;
      const current = { ...grant, lastUsedAtMs };
      if (!this.#isOver(current)) now.set(hash, current);
    }
    this.#records = records;
    this.#grants = now;
    for (const [hash, grant] of before) {
      if (!hasSameRights(grant, now.get(hash))) this.#announce(grant.id);
    }
  }

  /** Ends what has run out meanwhile, without news from the database. */
  expire(): void {
    this.replace(this.#records);
  }

  /** The grants that were used since this was asked last. */
  takeUsed(): readonly Grant[] {
    const used = [...this.#used.values()];
    this.#used = new Map();
    return used;
  }

  #use(kind: 'key' | 'session', secret: string): Grant | null {
    const grant = this.#grants.get(indexOf(kind, hashToken(secret)));
    if (grant === undefined || this.#isOver(grant)) return null;
    grant.lastUsedAtMs = this.#clock.now();
    this.#used.set(grant.id, grant);
    return grant;
  }

  #isOver({ expiresAtMs, session, lastUsedAtMs }: Grant): boolean {
    const now = this.#clock.now();
    if (expiresAtMs !== null && expiresAtMs <= now) return true;
    return session !== null && (lastUsedAtMs ?? session.lastSeenAtMs) + IDLE_MS <= now;
  }

  #announce(grantId: string): void {
    for (const listener of this.#listeners) listener(grantId);
  }
}

function indexOf(kind: 'key' | 'session', hash: Buffer): string {
  return `${kind}:${hash.toString('base64url')}`;
}

function toKeyGrant({ id, name, role, keyPatterns, readsSecrets, ...key }: ApiKey): [string, Grant] {
  const principal = { id, name, role, keyPatterns, readsSecrets };
  const { expiresAtMs, lastUsedAtMs, hash } = key;
  return [indexOf('key', hash), { id: `key:${id}`, principal, expiresAtMs, lastUsedAtMs, session: null }];
}

/** None, for a user who is disabled or gone. */
function toSessionGrants(session: Session, users: ReadonlyMap<string, User>): [string, Grant][] {
  const user = users.get(session.userId);
  if (user === undefined || user.isDisabled) return [];
  const { id, name, role, keyPatterns, readsSecrets } = user;
  const principal = { id, name, role, keyPatterns, readsSecrets };
  const { expiresAtMs, lastSeenAtMs: lastUsedAtMs, hash } = session;
  return [[indexOf('session', hash), { id: `session:${session.id}`, principal, expiresAtMs, lastUsedAtMs, session }]];
}

function hasSameRights(before: Grant, now: Grant | undefined): boolean {
  return now?.id === before.id && JSON.stringify(now.principal) === JSON.stringify(before.principal);
}
