import type { DeclaredSetting } from '../api/replies.ts';

type Rule = Readonly<Record<string, unknown>>;
type Described = Pick<DeclaredSetting, 'type' | 'rule' | 'unit'>;

const WORDS: Readonly<Record<string, (rule: Rule) => string>> = {
  integer: (rule) => `a whole number${between(rule, numberText)}`,
  number: (rule) => `a number${between(rule, numberText)}`,
  boolean: () => 'true or false',
  duration: (rule) => `a duration such as 90s or 5m${between(rule, durationText)}`,
  bytes: (rule) => `an amount of bytes such as 64MB${between(rule, (bytes) => `${numberText(bytes)} bytes`)}`,
  oneOf: ({ words }) => `one of ${Array.isArray(words) ? words.join(', ') : 'some words'}`,
  text: (rule) => `a text${lengths(rule)}`,
  secret: (rule) => `a secret${lengths(rule)}`,
  list: ({ item }) =>
    `a list, each ${item === undefined ? 'anything' : ruleWords({ ...(item as Described), unit: null })}`,
  json: () => 'JSON of a certain shape',
  schema: () => 'what a validator of the service takes',
};

/** What a value may be, in words: `a whole number from 1 to 10,000, in alerts/s`. */
export function ruleWords({ type, rule, unit }: Described): string {
  const words = WORDS[type]?.(rule) ?? type;
  return unit === null ? words : `${words}, in ${unit}`;
}

function between({ min, max }: Rule, text: (bound: number) => string): string {
  if (typeof min === 'number' && typeof max === 'number') return ` from ${text(min)} to ${text(max)}`;
  if (typeof min === 'number') return `, at least ${text(min)}`;
  return typeof max === 'number' ? `, at most ${text(max)}` : '';
}

function lengths({ minLength, maxLength, pattern }: Rule): string {
  const length = between({ min: minLength, max: maxLength }, numberText);
  const matching = typeof pattern === 'string' ? ` that matches ${pattern}` : '';
  return `${matching}${length === '' ? '' : `${length} characters long`}`;
}

function numberText(bound: number): string {
  return bound.toLocaleString('en');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

function durationText(ms: number): string {
  const [unit, length] = UNITS.find(([, one]) => ms >= one && ms % one === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}
