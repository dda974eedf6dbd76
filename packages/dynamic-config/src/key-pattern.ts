const PATTERN = /^[A-Za-z0-9_.:/*-]{1,256}$/;

/** What a key pattern is, as part of a sentence. */
export const KEY_PATTERN_RULE =
  'a key pattern is 1 to 256 characters of A–Z a–z 0–9 _ . : / - and *, which stands for any characters';

/** Whether a text is a key pattern at all: one that is not could match no key. */
export function isKeyPattern(text: string): boolean {
  return PATTERN.test(text);
}

/**
 * Whether a pattern names a key: `*` stands for any characters, none among them; all others for themselves.
 *
 * In time proportional to both lengths at most, whatever the pattern: no regular expression that can be made to hang.
 *
 * @example matchesPattern('moog_*', 'moog_rate_limit') // true
 */
export function matchesPattern(pattern: string, key: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return key === pattern;
  if (key.length < head.length + tail.length || !key.startsWith(head) || !key.endsWith(tail)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = key.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= key.length - tail.length;
}
