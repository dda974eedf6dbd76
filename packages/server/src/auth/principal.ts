import { matchesPattern } from '@mutt/dynamic-config/key-pattern';

/** From the least to the most: each may do what those before it may. */
export const ROLES = ['viewer', 'editor', 'admin'] as const;
/** What somebody may do: read; change values; manage keys, users and the server too. */
export type Role = (typeof ROLES)[number];

/** What somebody may do, and to what. */
export interface Rights {
  readonly role: Role;
  /** Patterns of the keys that they see and change, such as `moog_*`; null: all. */
  readonly keyPatterns: readonly string[] | null;
  /** Whether they see the values of secret settings. */
  readonly readsSecrets: boolean;
}

/** Who sent a request. */
export interface Principal extends Rights {
  /** Public: of the API key or the user. */
  readonly id: string;
  /** Recorded as the author of changes. */
  readonly name: string;
}

/** Whether they may do what takes a role. */
export function hasRole({ role }: Principal, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Whether they may do everything: only then may they give rights to others, who could do more than they otherwise. */
export function isUnlimited({ role, keyPatterns, readsSecrets }: Principal): boolean {
  return role === 'admin' && keyPatterns === null && readsSecrets;
}

/** Whether a key exists for them at all. */
export function seesKey({ keyPatterns }: Principal, key: string): boolean {
  return keyPatterns === null || keyPatterns.some((pattern) => matchesPattern(pattern, key));
}
