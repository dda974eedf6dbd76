import { boundsOf } from './bounds.ts';
import { NOT_JSON, parseJson } from './parse-json.ts';
import { accept, defineSetting, refuse } from './setting.ts';
import type { Parsed, Setting, SettingOptions } from './setting.ts';

export interface ListOptions<T> extends SettingOptions<readonly T[]> {
  /** Fewest items. */
  readonly minItems?: number;
  /** Most items. */
  readonly maxItems?: number;
}

/**
 * Several values of one kind. Written with commas (`a, b, c`), or as a JSON array of texts where an item holds a comma.
 *
 * @example
 * list(oneOf(['syslog', 'snmp']), { default: ['syslog'] })
 */
export function list<T>(item: Setting<T>, options: ListOptions<NoInfer<T>> = {}): Setting<readonly T[]> {
  const counts = boundsOf('list', options, ['minItems', 'maxItems']);
  const { minItems, maxItems } = counts;
  const parse = (text: string): Parsed<readonly T[]> => {
    const texts = split(text);
    if (!texts.ok) return texts;
    const values: T[] = [];
    for (const [n, one] of texts.value.entries()) {
      const parsed = item.parse(one);
      if (!parsed.ok) return refuse(`has an item that is refused: item ${n + 1} ${parsed.problem}`);
      values.push(parsed.value);
    }
    if (minItems !== undefined && values.length < minItems) return refuse(`must have at least ${minItems} items`);
    if (maxItems !== undefined && values.length > maxItems) return refuse(`must have at most ${maxItems} items`);
    return accept(Object.freeze(values));
  };
  const format = (values: readonly T[]): string => join(values.map((value) => item.format(value)));
  const rule = { item: { type: item.type, rule: item.rule, jsonSchema: item.jsonSchema }, ...counts };
  const jsonSchema = { type: 'array', items: item.jsonSchema, ...counts };
  return defineSetting({ type: 'list', rule, jsonSchema, isSecret: item.isSecret, parse, format }, options);
}

const NO_LIST = 'must be a list like a, b, c, or a JSON array of texts';

function split(text: string): Parsed<readonly string[]> {
  if (text.trim() === '') return accept([]);
  if (!text.trimStart().startsWith('[')) return accept(text.split(',').map((one) => one.trim()));
  const items = parseJson(text);
  if (!items.ok) return items.problem === NOT_JSON ? refuse(NO_LIST) : items;
  if (!Array.isArray(items.value)) return refuse(NO_LIST);
  return accept(items.value.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))));
}

function join(texts: readonly string[]): string {
  const isPlain = texts.every((text) => text !== '' && text === text.trim() && !text.includes(','));
  return isPlain && !texts[0]?.startsWith('[') ? texts.join(',') : JSON.stringify(texts);
}
