const KEY = /^[A-Za-z0-9_.:/-]{1,256}$/;

/** What the server says of keys, for addresses that somebody made up. */
export const KEY_RULE = 'a key is 1 to 256 characters of A–Z a–z 0–9 _ . : / -, and not "updates"';

export function isKey(text: string): boolean {
  return text !== 'updates' && KEY.test(text);
}
