import type { Rights, Role } from './principal.ts';

interface RightsJson {
  readonly role: Role;
  readonly key_patterns?: readonly string[] | null | undefined;
  readonly secrets?: boolean | undefined;
}

/** Only admins read secrets, unless it is said who does. */
export function toRights({ role, key_patterns: keyPatterns = null, secrets = role === 'admin' }: RightsJson): Rights {
  return { role, keyPatterns, readsSecrets: secrets };
}

export function rightsJson({ role, keyPatterns, readsSecrets }: Rights): RightsJson {
  return { role, key_patterns: keyPatterns, secrets: readsSecrets };
}

export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
