// Everything that moves the cursor, starts an escape sequence, reorders text or hides it.
// Zero-width (non-)joiners stay: scripts and emoji need them, and they do no harm.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu;
// JSON.stringify leaves these alone, and a terminal may act on them.
const UNSAFE_IN_JSON = /[\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/gu;
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;
const PLAIN = /^[\x20-\x7e]*$/;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Looking at more than this of each column would make a value of 1 MiB, or a pile of combining marks, slow. */
const UNITS_PER_COLUMN = 4;

/** A text that cannot drive the terminal: what is unsafe shows as an escape, such as `\n` or `\u{1b}`. */
export function escapeUnsafe(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSAFE, (unsafe) => SHORT_ESCAPES[unsafe] ?? `\\u{${unsafe.codePointAt(0)?.toString(16)}}`);
}

/** The same JSON (or YAML in double quotes) for a parser, without what a terminal may act on. */
export function escapeInJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (unsafe) => `\\u${unsafe.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** How many columns of a terminal a text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** A text escaped and cut to at most `width` columns; `…` marks the cut. */
export function fitTo(text: string, width: number): string {
  const units = width * UNITS_PER_COLUMN;
  const start = text.length > units ? text.slice(0, units).toWellFormed() : text;
  const safe = escapeUnsafe(start);
  if (start.length === text.length && displayWidth(safe) <= width) return safe;
  return `${prefixOf(safe, width - 1)}…`;
}

function prefixOf(text: string, width: number): string {
  let used = 0;
  let prefix = '';
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    prefix += character;
  }
  return prefix;
}

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
