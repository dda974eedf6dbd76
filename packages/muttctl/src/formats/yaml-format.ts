import { Document, isAlias, isMap, isScalar, Pair, parseDocument, Scalar, YAMLMap } from 'yaml';
import { escapeInJson } from '../terminal-text.ts';
import type { Format } from './format.ts';

/** What a plain or a block scalar holds exactly; everything else is written in double quotes, with escapes. */
const HARMLESS =
  /^[\x20-\x7e\n\u00a1-\u02ff\u0370-\u061b\u061d-\u1fff\u2030-\u205e\u2070-\ud7ff\u{10000}-\u{1ffff}]*$/u;
/** Spaces at the ends of lines get lost on the way, by editors. */
const FRAGILE = /[ \t](\n|$)|^[ \t\n]|\n[ \t]*\n*$/;

/** A mapping from keys to texts, with comments. A value without quotes is read as the text that stands there. */
export const yamlFormat: Format = {
  write: (values) => (values.size === 0 ? '{}\n' : writeYaml(values)),
  read: readYaml,
};

export interface YamlOptions {
  /** What is written above a key; null: nothing. */
  readonly commentOf?: (key: string) => string | null;
  /** Without quotes also what other readers of YAML would take for a number, a boolean or nothing. */
  readonly isBare?: boolean;
}

export function writeYaml(
  values: ReadonlyMap<string, string>,
  { commentOf = () => null, isBare = false }: YamlOptions = {},
): string {
  const document = new Document(new YAMLMap(), isBare ? { schema: 'failsafe' } : {});
  for (const [key, value] of values) {
    const pair = new Pair(new Scalar(key), toScalar(value));
    const comment = commentOf(key);
    if (comment !== null) {
      pair.key.commentBefore = comment;
      pair.key.spaceBefore = true;
    }
    (document.contents as YAMLMap).items.push(pair);
  }
  // Whatever is escaped here stands in double quotes.
  return escapeInJson(document.toString({ lineWidth: 0, doubleQuotedAsJSON: true }));
}

function toScalar(value: string): Scalar<string> {
  const scalar = new Scalar(value);
  if (!HARMLESS.test(value) || FRAGILE.test(value)) scalar.type = 'QUOTE_DOUBLE';
  else if (value.includes('\n')) scalar.type = 'BLOCK_LITERAL';
  return scalar;
}

function readYaml(text: string): Map<string, string> {
  // Failsafe: every scalar is the text that stands there, so that 1.10 stays 1.10.
  const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw new Error(`is not YAML: ${error.message.split('\n', 1)[0]?.replace(/[.:]$/, '')}`);
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === '')) return new Map();
  if (!isMap(contents)) throw new Error('must hold a mapping from keys to values');
  return new Map((contents.items as Pair[]).map((pair) => toEntry(pair)));
}

function toEntry({ key, value }: Pair): readonly [string, string] {
  if (!isScalar(key) || typeof key.value !== 'string') throw new Error('has a key that is no text');
  if (value === null) return [key.value, ''];
  if (isScalar(value) && typeof value.value === 'string') return [key.value, value.value];
  const what = isAlias(value) ? 'an alias' : 'something nested';
  throw new Error(`holds ${what} for ${key.value}: a value is text; write JSON in quotes`);
}
