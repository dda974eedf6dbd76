import { Failure } from '../../failure.ts';
import type { RightsJson } from '../../rights.ts';
import { askOrAdvise } from '../../server-target.ts';
import { nearest } from '../../suggest.ts';
import type { Target } from '../../target.ts';

/** An API key as the API of a server has it: everything but the key itself. */
export interface ApiKeyJson extends RightsJson {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly created_by: string | null;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

export const KEYS_PATH = '/api/v1/keys';
export const LOOK_AT_KEYS = 'muttctl keys list';

export async function readApiKeys(target: Target): Promise<Record<string, unknown> & { readonly keys: ApiKeyJson[] }> {
  const answer = await askOrAdvise(target, { method: 'GET', path: KEYS_PATH }, LOOK_AT_KEYS);
  return { ...answer, keys: answer['keys'] as ApiKeyJson[] };
}

/**
 * The key with an id, or else with a name.
 *
 * @throws Failure `not_found`, with the one that was probably meant.
 */
export function findApiKey(keys: readonly ApiKeyJson[], wanted: string): ApiKeyJson {
  const [, id] = /^mutt_(?:([0-9a-f]{16})_)?[\w-]{43}$/.exec(wanted) ?? [wanted, null];
  if (id !== null) {
    // Not told again: errors end up in logs.
    const hint = id === undefined ? 'Name it as muttctl keys list does.' : `Its id is ${id}.`;
    throw new Failure('usage', `That is an API key itself, which belongs in no command line. ${hint}`);
  }
  const found = keys.find(({ id }) => id === wanted) ?? keys.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const near = nearest(wanted, [...keys.map(({ name }) => name), ...keys.map(({ id }) => id)]);
  const hint = near === null ? `Run ${LOOK_AT_KEYS} to see those that there are.` : `Did you mean ${near}?`;
  throw new Failure('not_found', `There is no API key with the id or the name ${wanted}. ${hint}`);
}
