import type { DeclaredSetting } from '../api/replies.ts';
import { bytesText, durationText } from './quantity.ts';

type Rule = Readonly<Record<string, unknown>>;

const NOUNS: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  duration: 'a time span like 30s, 5m or 1h30m',
  bytes: 'a size like 64MB or 512KiB',
  text: 'text',
  secret: 'a secret text',
  list: 'a list, with commas between its items',
  json: 'JSON',
  schema: 'what its service checks',
};

/** Which values a setting takes, in plain words: `a whole number from 1 to 10,000, in alerts/s`. */
export function ruleWords({ type, rule, unit }: Pick<DeclaredSetting, 'type' | 'rule' | 'unit'>): string {
  const words = [noun(type, rule), ...limits(type, rule)].join(', ').replace(', from', ' from');
  return unit === null ? words : `${words}, in ${unit}`;
}

function noun(type: string, rule: Rule): string {
  const { words, item } = rule;
  if (type === 'oneOf' && Array.isArray(words)) return `one of ${words.join(', ')}`;
  if (type === 'list' && isItem(item)) return `a list, each item ${ruleWords({ ...item, unit: null })}`;
  return NOUNS[type] ?? type;
}

function isItem(item: unknown): item is { type: string; rule: Rule } {
  return typeof item === 'object' && item !== null && 'type' in item && 'rule' in item;
}

function limits(type: string, rule: Rule): string[] {
  const { pattern, flags } = rule;
  const show = type === 'duration' ? durationText : type === 'bytes' ? bytesText : inWords;
  return [
    ...range(rule['min'], rule['max'], show),
    ...range(rule['minLength'], rule['maxLength'], inWords, 'characters'),
    ...range(rule['minItems'], rule['maxItems'], inWords, 'items'),
    ...(typeof pattern === 'string' ? [`matching /${pattern}/${typeof flags === 'string' ? flags : ''}`] : []),
  ];
}

function range(least: unknown, most: unknown, show: (bound: number) => string, noun = ''): string[] {
  const counted = (bound: number): string => (noun === '' ? show(bound) : `${show(bound)} ${noun}`);
  if (typeof least !== 'number') return typeof most === 'number' ? [`at most ${counted(most)}`] : [];
  if (typeof most !== 'number') return [`at least ${counted(least)}`];
  return least === most ? [`exactly ${counted(least)}`] : [`from ${show(least)} to ${counted(most)}`];
}

function inWords(number: number): string {
  return number.toLocaleString('en', { maximumFractionDigits: 20 });
}

/** In place of a rule, where there is none. Whether the server takes such a key at all, it says as one types. */
export const UNDECLARED = 'No service declares this key: neither a type nor bounds hold for it.';
