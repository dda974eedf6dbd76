import { Failure } from './failure.ts';
import { nearest } from './suggest.ts';

/** The failure of a command whose key there is not, with the one that was probably meant. */
export function keyMissing(key: string, keys: Iterable<string>): Failure {
  const meant = nearest(key, keys);
  const hint = meant === null ? '' : `. Did you mean ${meant}?`;
  return new Failure('key_not_found', `Config key not found: ${key}${hint}`);
}
