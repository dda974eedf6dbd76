import { seesKey } from '../auth/principal.ts';
import type { Principal } from '../auth/principal.ts';
import { matchesPattern } from '../key-pattern.ts';
import type { Sees } from './stream-event.ts';

/** What a client is told of. Those with the same id are told the same, in the same words. */
export interface EventView {
  readonly id: string;
  /** Whether it leaves out secrets: never a mask, which a program would take for the value. */
  readonly leavesOutSecrets: boolean;
  sees(secretKeys: ReadonlySet<string>): Sees;
}

/** @param asked patterns of the keys that the client wants to hear of; null: all that it may see. */
export function viewOf(principal: Principal, asked: readonly string[] | null): EventView {
  const { keyPatterns, readsSecrets } = principal;
  const wanted = asked === null ? null : [...new Set(asked)].toSorted();
  const isWanted: Sees = wanted === null ? () => true : (key) => wanted.some((pattern) => matchesPattern(pattern, key));
  return {
    id: JSON.stringify([keyPatterns?.toSorted() ?? null, wanted, readsSecrets]),
    leavesOutSecrets: !readsSecrets,
    sees(secretKeys) {
      return (key) => isWanted(key) && seesKey(principal, key) && (readsSecrets || !secretKeys.has(key));
    },
  };
}
