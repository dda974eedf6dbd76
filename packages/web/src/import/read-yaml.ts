import { isAlias, isMap, isScalar, LineCounter, parseDocument, type Pair } from 'yaml';
import type { Values } from './read-file.ts';

/** A mapping from keys to texts, as `muttctl config export` writes it. Without quotes, too, a value is the text that stands there. */
export function readYaml(text: string): Values {
  const lines = new LineCounter();
  // Failsafe: every scalar is the text that stands there, so that 1.10 stays 1.10.
  const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: true, lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const sentence = error.message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$|[.:]$/g, '');
    throw new Error(`Line ${lines.linePos(error.pos[0]).line}: it is not YAML: ${sentence}.`);
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === '')) return new Map();
  if (!isMap(contents)) throw new Error('Line 1: it must hold a mapping from keys to values.');
  return new Map((contents.items as Pair[]).map((pair) => toEntry(pair, lines)));
}

function toEntry({ key, value }: Pair, lines: LineCounter): readonly [string, string] {
  const line = isScalar(key) ? lines.linePos(key.range?.[0] ?? 0).line : 1;
  if (!isScalar(key) || typeof key.value !== 'string') throw new Error('It has a key that is no text.');
  if (value === null) return [key.value, ''];
  if (isScalar(value) && typeof value.value === 'string') return [key.value, value.value];
  const what = isAlias(value) ? 'an alias' : 'something nested';
  throw new Error(`Line ${line}: it holds ${what} for ${key.value}; a value is text: write JSON in quotes.`);
}
