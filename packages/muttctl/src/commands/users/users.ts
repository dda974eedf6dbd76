import { Failure } from '../../failure.ts';
import type { RightsJson } from '../../rights.ts';
import { askOrAdvise } from '../../server-target.ts';
import { nearest } from '../../suggest.ts';
import type { Target } from '../../target.ts';

/** Somebody who signs in, as the API of a server has it. */
export interface UserJson extends RightsJson {
  readonly name: string;
  readonly disabled: boolean;
  readonly created_at: string;
  readonly created_by: string | null;
}

export const USERS_PATH = '/api/v1/users';
export const LOOK_AT_USERS = 'muttctl users list';

export async function readUsers(target: Target): Promise<Record<string, unknown> & { readonly users: UserJson[] }> {
  const answer = await askOrAdvise(target, { method: 'GET', path: USERS_PATH }, LOOK_AT_USERS);
  return { ...answer, users: answer['users'] as UserJson[] };
}

/** @throws Failure `not_found`, with who was probably meant. */
export async function readUser(target: Target, wanted: string): Promise<UserJson> {
  const { users } = await readUsers(target);
  const names = users.map(({ name }) => name);
  const found = users.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const near = nearest(wanted, names);
  const hint = near === null ? `Run ${LOOK_AT_USERS} to see who there is.` : `Did you mean ${near}?`;
  throw new Failure('not_found', `There is no user named ${wanted}. ${hint}`);
}

export async function changeUser(target: Target, { name }: UserJson, body: object): Promise<Record<string, unknown>> {
  const path = `${USERS_PATH}/${encodeURIComponent(name)}`;
  return askOrAdvise(target, { method: 'PATCH', path, body }, LOOK_AT_USERS);
}
