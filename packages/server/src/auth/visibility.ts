import { AccessDeniedError } from '@mutt/dynamic-config';
import { seesKey } from './principal.ts';
import type { Principal } from './principal.ts';

/**
 * What somebody sees of a key:
 * - `shown`: all of it.
 * - `masked`: that it is there, and its value as a mask. Where values are taken for what they are, by programs, a mask
 *   must never be served as one: leave the key out there.
 * - `absent`: nothing. For them there is no such key.
 */
export type Visibility = 'shown' | 'masked' | 'absent';

/** What somebody sees of each key. */
export type Sight = (key: string) => Visibility;

const ALL_SHOWN: Sight = () => 'shown';

/** @param secretKeys keys of settings that are declared as secret. */
export function visibilityOf(principal: Principal, secretKeys: ReadonlySet<string>): Sight {
  const masks = !principal.readsSecrets && secretKeys.size > 0;
  if (principal.keyPatterns === null && !masks) return ALL_SHOWN;
  return (key) => {
    if (!seesKey(principal, key)) return 'absent';
    return masks && secretKeys.has(key) ? 'masked' : 'shown';
  };
}

/** Somebody who did not ask for secrets, so that none is on a screen by accident. */
export function withoutSecrets(principal: Principal): Principal {
  return { ...principal, readsSecrets: false };
}

/**
 * Every change passes here: what somebody cannot see, they cannot change.
 *
 * @throws AccessDeniedError naming the rule.
 */
export function assertMayChange(principal: Principal, keys: Iterable<string>): void {
  for (const key of keys) {
    if (seesKey(principal, key)) continue;
    const rule = principal.keyPatterns?.join(', ') ?? '';
    throw new AccessDeniedError(
      'forbidden',
      `${principal.name} may change the keys that match ${rule === '' ? 'no pattern' : rule} only, and this changes others.`,
    );
  }
}
