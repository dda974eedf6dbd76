import { matchesPattern } from '../key-pattern.ts';

/** From the least to the most: each may do what those before it may. */
export const ROLES = ['viewer', 'editor', 'admin'] as const;
/** What somebody may do: read; change values; manage keys, users and the server too. */
export type Role = (typeof ROLES)[number];

/** Who sent a request. */
export interface Principal {
  /** Public: of the API key or the user. */
  readonly id: string;
  /** Recorded as the author of changes. */
  readonly name: string;
  readonly role: Role;
  /** Patterns of the keys that they see and change, such as `moog_*`; null: all. */
  readonly keyPatterns: readonly string[] | null;
  /** Whether they see the values of secret settings. */
  readonly readsSecrets: boolean;
}

/** Whether a key exists for them at all. */
export function seesKey({ keyPatterns }: Principal, key: string): boolean {
  return keyPatterns === null || keyPatterns.some((pattern) => matchesPattern(pattern, key));
}
