import type { SettingDescription } from '../store.ts';
import { bytes, duration } from './quantity.ts';

type Options = Readonly<Record<string, unknown>>;
type Described = Pick<SettingDescription, 'type' | 'rule'>;

const QUANTITIES = new Map([
  ['duration', duration()],
  ['bytes', bytes()],
]);

/**
 * Which values a setting takes, in words: `integer, 1 to 10000`; `one of dlq, defer`; `list of duration, at most 5m`.
 * What cannot be understood is shown by its type alone.
 */
export function ruleText({ type, rule }: Described): string {
  return [typeText(type, rule), ...limits(type, rule)].join(', ');
}

function typeText(type: string, rule: Options): string {
  const { words, item } = rule;
  if (type === 'oneOf' && Array.isArray(words)) return `one of ${words.join(', ')}`;
  if (type !== 'list' || !isDescribed(item)) return type;
  const items = ruleText(item);
  return `list of ${items.includes(',') ? `(${items})` : items}`;
}

function isDescribed(item: unknown): item is Described {
  return typeof item === 'object' && item !== null && 'type' in item && 'rule' in item;
}

function limits(type: string, rule: Options): string[] {
  const quantity = QUANTITIES.get(type);
  const { pattern, flags } = rule;
  return [
    ...range(rule['min'], rule['max'], (bound) => quantity?.format(bound) ?? String(bound)),
    ...range(rule['minLength'], rule['maxLength'], counted('character')),
    ...range(rule['minItems'], rule['maxItems'], counted('item')),
    ...(typeof pattern === 'string' ? [`matching /${pattern}/${typeof flags === 'string' ? flags : ''}`] : []),
  ];
}

function range(least: unknown, most: unknown, show: (bound: number) => string): string[] {
  if (typeof least !== 'number') return typeof most === 'number' ? [`at most ${show(most)}`] : [];
  if (typeof most !== 'number') return [`at least ${show(least)}`];
  return [least === most ? `exactly ${show(least)}` : `${show(least).replace(/ .*/, '')} to ${show(most)}`];
}

function counted(noun: string): (count: number) => string {
  return (count) => `${count} ${noun}${count === 1 ? '' : 's'}`;
}
