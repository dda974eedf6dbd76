import { escapeInJson } from '../terminal-text.ts';
import type { Format, Values } from './format.ts';

/** An object from keys to texts. Numbers and booleans are read as the text that they are. */
export const jsonFormat: Format = {
  write(values) {
    // fromEntries, because it makes `__proto__` a key like any other.
    return `${escapeInJson(JSON.stringify(Object.fromEntries(values), null, 2))}\n`;
  },

  read(text) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (cause) {
      throw new Error(`is not JSON: ${(cause as Error).message}`, { cause });
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new Error('must hold an object from keys to values');
    }
    const values = new Map(Object.entries(parsed).map(([key, value]) => [key, toText(key, value)]));
    assertNoKeyTwice(text, values);
    return values;
  },
};

function toText(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  // A large integer, or 1.10, would not be what the file says.
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isSafeInteger(value))) return String(value);
  if (typeof value === 'number') throw new Error(`holds the number ${value} for ${key}: write it as text, in quotes`);
  throw new Error(
    `holds ${value === null ? 'null' : 'something nested'} for ${key}: a value is text; write JSON in quotes`,
  );
}

/** A text as runs between its escapes: a choice for each character is more than the engine can go back on in one of megabytes. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;

/** `JSON.parse` keeps the last of several, without a word. */
function assertNoKeyTwice(text: string, { size }: Values): void {
  const keys = [...text.matchAll(TOKEN)].filter(([token]) => token === ':').length;
  if (keys !== size) throw new Error('names a key twice');
}
