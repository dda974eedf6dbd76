import type { SettingDescription } from '../store.ts';
import type { Setting } from './setting.ts';
import { readText } from './stored-text.ts';

/** A declaration of a key: what it says, and what that means. */
export interface Declared {
  readonly description: Pick<SettingDescription, 'type' | 'rule' | 'default'>;
  readonly setting: Setting<unknown>;
}

type Interval = readonly [least: number, most: number];

const TEXTS = ['text', 'secret'];
const NUMBERS = ['integer', 'number'];
const QUANTITIES = ['duration', 'bytes'];
/** Their values are checked one by one; whether any suits all of them cannot be told from outside. */
const OPEN = ['json', 'schema'];

/** False when no value suits all of these declarations of one key, as far as that can be told. */
export function isSatisfiable(declarations: readonly Declared[]): boolean {
  return haveCommonRange(declarations) || haveCommonText(declarations);
}

/** Different types may read the same text: 300 is a number, and five minutes of bare seconds. */
function haveCommonText(declarations: readonly Declared[]): boolean {
  return candidateTexts(declarations).some((text) => suitsAll(declarations, text));
}

/** Texts that are at the edges of what each declaration takes. */
function candidateTexts(declarations: readonly Declared[]): readonly string[] {
  const texts = declarations.flatMap(({ setting, description: { type, rule, default: standard } }) => {
    const isNumeric = [...NUMBERS, ...QUANTITIES].includes(type);
    const bounds = isNumeric ? [rule['min'], rule['max']].filter((bound) => typeof bound === 'number') : [];
    const inside = bounds.flatMap((bound) => [bound, Math.ceil(bound), Math.floor(bound)]);
    return [...inside.map((bound) => setting.format(bound)), ...(standard === null ? [] : [standard])];
  });
  return [...new Set([...texts, '0', '1', 'true'])];
}

function haveCommonRange(declarations: readonly Declared[]): boolean {
  const types = new Set(declarations.map(({ description }) => description.type).filter((type) => !OPEN.includes(type)));
  const words = declarations.find(({ description }) => description.type === 'oneOf')?.description.rule['words'];
  if (words !== undefined) return (words as readonly string[]).some((word) => suitsAll(declarations, word));
  if (areOneOf(types, TEXTS)) return overlap(declarations, 'minLength', 'maxLength');
  if (areOneOf(types, NUMBERS)) return overlap(declarations, 'min', 'max', types.has('integer'));
  // Any text may be what the others ask for.
  const others = new Set([...types].filter((type) => !TEXTS.includes(type)));
  if (others.size > 1 && !areOneOf(others, NUMBERS)) return false;
  const [type] = others;
  if (type === 'list') return overlap(declarations, 'minItems', 'maxItems') && haveItems(declarations);
  if (type === 'boolean') return true;
  return overlap(
    declarations.filter(({ description }) => !TEXTS.includes(description.type)),
    'min',
    'max',
    true,
  );
}

function suitsAll(declarations: readonly Declared[], word: string): boolean {
  return declarations.every(({ setting }) => readText(setting, word).ok);
}

function areOneOf(types: ReadonlySet<string>, some: readonly string[]): boolean {
  return [...types].every((type) => some.includes(type));
}

/** True when all intervals share a number (a whole one, where asked). */
function overlap(declarations: readonly Declared[], least: string, most: string, isWhole = false): boolean {
  const [low, high] = declarations.reduce<Interval>(
    ([from, to], { description: { rule } }) => [
      Math.max(from, Number(rule[least] ?? -Infinity)),
      Math.min(to, Number(rule[most] ?? Infinity)),
    ],
    [-Infinity, Infinity],
  );
  return isWhole ? Math.ceil(low) <= Math.floor(high) : low <= high;
}

/** True when an item can suit all lists, or all of them may be empty. */
function haveItems(declarations: readonly Declared[]): boolean {
  const rules = declarations.map(({ description }) => description.rule).filter((rule) => rule['item'] !== undefined);
  if (rules.every((rule) => Number(rule['minItems'] ?? 0) === 0)) return true;
  const kinds = new Set(rules.map((rule) => (rule['item'] as { readonly type: string }).type));
  return kinds.size === 1 || areOneOf(kinds, NUMBERS) || areOneOf(kinds, [...TEXTS, ...OPEN, 'oneOf']);
}
