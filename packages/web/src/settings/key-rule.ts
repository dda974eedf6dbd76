const MOST_CHARACTERS = 256;
const KEY = /^[A-Za-z0-9_.:/-]+$/;

export const KEY_RULE = `Letters, digits and _ . : / -, at most ${MOST_CHARACTERS} of them.`;

/** Why a text is no key, as a sentence; null: it is one. The server has the last word. */
export function problemWithKey(key: string): string | null {
  if (key === 'updates') return 'This is the name of the channel that changes are announced on.';
  return KEY.test(key) && key.length <= MOST_CHARACTERS ? null : `A key is made of: ${KEY_RULE.toLowerCase()}`;
}
