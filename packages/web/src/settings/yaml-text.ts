import { Document, Pair, Scalar, YAMLMap } from 'yaml';
import { escapeInJson } from './escape-in-json.ts';

/** What a plain or a block scalar holds exactly; everything else is written in double quotes, with escapes. */
const HARMLESS =
  /^[\x20-\x7e\n\u00a1-\u02ff\u0370-\u061b\u061d-\u1fff\u2030-\u205e\u2070-\ud7ff\u{10000}-\u{1ffff}]*$/u;
/** Spaces at the ends of lines get lost on the way, by editors. */
const FRAGILE = /[ \t](\n|$)|^[ \t\n]|\n[ \t]*\n*$/;

/** A mapping from keys to texts. A module of its own, since it brings the writer of YAML with it. */
export function yamlText(values: ReadonlyMap<string, string>): string {
  if (values.size === 0) return '{}\n';
  const document = new Document(new YAMLMap());
  for (const [key, value] of values) {
    (document.contents as YAMLMap).items.push(new Pair(new Scalar(key), toScalar(value)));
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
