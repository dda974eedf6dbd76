import type { SettingDescription } from '../store.ts';
import type { Setting } from './setting.ts';

/** A declaration of a key: what it says, and what that means. */
export interface Declared {
  readonly description: Pick<SettingDescription, 'type' | 'rule'>;
  readonly setting: Setting<unknown>;
}

type Interval = readonly [least: number, most: number];

const TEXTS = ['text', 'secret'];
const NUMBERS = ['integer', 'number'];
/** Their values are checked one by one; whether any suits all of them cannot be told from outside. */
const OPEN = ['json', 'schema'];

/** False when no value suits all of these declarations of one key, as far as that can be told. */
export function isSatisfiable(declarations: readonly Declared[]): boolean {
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
  return declarations.every(({ setting }) => setting.parse(word).ok);
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
  const kinds = new Set(rules.map((rule) => (rule['item'] as Declared['description']).type));
  return kinds.size === 1 || areOneOf(kinds, NUMBERS) || areOneOf(kinds, [...TEXTS, ...OPEN, 'oneOf']);
}
