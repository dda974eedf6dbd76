import { isKeyPattern, matchesPattern } from '@mutt/dynamic-config/key-pattern';
import { Failure } from './failure.ts';

/**
 * Which keys a pattern from the command line names.
 *
 * @throws Failure for what could match no key.
 */
export function keyPattern(pattern: string): (key: string) => boolean {
  if (!isKeyPattern(pattern)) {
    throw new Failure(
      'usage',
      'A pattern is made of the characters of keys (A–Z a–z 0–9 _ . : / -) and of *, which stands for any of them.',
    );
  }
  return (key) => matchesPattern(pattern, key);
}

/** For an option that takes several, at once with commas or one after the other. */
export function collectKeyPatterns(text: string, before: readonly string[] = []): string[] {
  const patterns = text.split(',');
  for (const pattern of patterns) keyPattern(pattern);
  return [...before, ...patterns];
}
