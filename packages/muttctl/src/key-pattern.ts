import { Failure } from './failure.ts';

const PATTERN = /^[A-Za-z0-9_.:/*-]{1,256}$/;

/**
 * Which keys a pattern names: `*` stands for any number of characters, everything else for itself.
 * Linear in the length of the key, whatever the pattern.
 */
export function keyPattern(pattern: string): (key: string) => boolean {
  if (!PATTERN.test(pattern)) {
    throw new Failure(
      'usage',
      'A pattern is made of the characters of keys (A–Z a–z 0–9 _ . : / -) and of *, which stands for any of them.',
    );
  }
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (key) => key === pattern;
  return (key) => {
    if (!key.startsWith(head)) return false;
    let from = head.length;
    for (const part of rest) {
      const at = key.indexOf(part, from);
      if (at === -1) return false;
      from = at + part.length;
    }
    return key.length - tail.length >= from && key.endsWith(tail);
  };
}

/** For an option that takes several, at once with commas or one after the other. */
export function collectKeyPatterns(text: string, before: readonly string[] = []): string[] {
  const patterns = text.split(',');
  for (const pattern of patterns) keyPattern(pattern);
  return [...before, ...patterns];
}
