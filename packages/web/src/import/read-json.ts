import { jsonProblem, placeOf } from '../setting/json-problem.ts';
import type { Values } from './read-file.ts';

/** A text as runs between its escapes: a choice for each character is more than the engine can go back on in one of megabytes. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** An object from keys to texts, as `muttctl config export` writes it. Whole numbers and booleans are read as their text. */
export function readJson(text: string): Values {
  const problem = jsonProblem(text);
  if (problem !== null) throw new Error(`Line ${problem.line}, column ${problem.column}: ${problem.message}.`);
  const tokens = [...text.matchAll(TOKEN)];
  const lineOf = (n: number): number => placeOf(text, tokens[n]?.index ?? 0).line;
  if (tokens[0]?.[0] !== '{') throw new Error('Line 1: it must hold an object from keys to values.');
  const values = new Map<string, string>();
  // What is JSON and not nested is: { key : value , … }
  for (let n = 1; n < tokens.length - 1; n += 4) {
    const key = JSON.parse(tokens[n]?.[0] ?? '') as string;
    const value = toText(tokens[n + 2]?.[0] ?? '', key, lineOf(n + 2));
    if (values.has(key)) throw new Error(`Line ${lineOf(n)}: it names ${key} twice.`);
    values.set(key, value);
  }
  return values;
}

function toText(token: string, key: string, line: number): string {
  if (token.startsWith('"')) return JSON.parse(token) as string;
  if (token === 'true' || token === 'false') return token;
  if (/^-?\d+$/.test(token) && Number.isSafeInteger(Number(token))) return String(Number(token));
  // A large integer, or 1.10, would not be what the file says.
  const what = token === '{' || token === '[' ? 'something nested' : token === 'null' ? 'null' : `the number ${token}`;
  throw new Error(`Line ${line}: it holds ${what} for ${key}; a value is text, in quotes.`);
}
