import { matchesPattern } from '@mutt/dynamic-config/key-pattern';
import { seesKey } from '../auth/principal.ts';
import type { Principal } from '../auth/principal.ts';
import type { Sight, Visibility } from '../auth/visibility.ts';

/** What a client is told of. Those with the same id are told the same, in the same words. */
export interface EventView {
  readonly id: string;
  /** Whether it takes the keys of secrets to know what is told. */
  readonly hidesSecrets: boolean;
  sight(secretKeys: ReadonlySet<string>): Sight;
}

export interface ViewOptions {
  /** Patterns of the keys that the client wants to hear of; null: all that it may see. */
  readonly asked: readonly string[] | null;
  /**
   * People see a secret when they ask for it by name, so their streams only tell that it changed. A program takes values
   * for what they are: for one that may not read secrets, they are left out.
   */
  readonly isPerson: boolean;
}

export function viewOf(principal: Principal, { asked, isPerson }: ViewOptions): EventView {
  const { keyPatterns, readsSecrets } = principal;
  const wanted = asked === null ? null : [...new Set(asked)].toSorted();
  const isWanted = (key: string): boolean => wanted?.some((pattern) => matchesPattern(pattern, key)) ?? true;
  const secret: Visibility = isPerson ? 'masked' : readsSecrets ? 'shown' : 'absent';
  return {
    id: JSON.stringify([keyPatterns?.toSorted() ?? null, wanted, secret]),
    hidesSecrets: secret !== 'shown',
    sight(secretKeys) {
      return (key) => {
        if (!isWanted(key) || !seesKey(principal, key)) return 'absent';
        return secretKeys.has(key) ? secret : 'shown';
      };
    },
  };
}
