import { expect, it } from 'vitest';
import { ruleWords } from './rule-words.ts';

it.each([
  ['integer', { min: 1, max: 10_000 }, 'alerts/s', 'a whole number from 1 to 10,000, in alerts/s'],
  ['number', { min: 0.1 }, null, 'a number, at least 0.1'],
  ['boolean', {}, null, 'true or false'],
  ['duration', { min: 1_000, max: 90_000 }, null, 'a duration such as 90s or 5m from 1s to 90s'],
  ['bytes', { max: 1_024 }, null, 'an amount of bytes such as 64MB, at most 1,024 bytes'],
  ['oneOf', { words: ['dlq', 'defer'] }, null, 'one of dlq, defer'],
  ['text', { pattern: '^a' }, null, 'a text that matches ^a'],
  ['secret', { minLength: 8 }, null, 'a secret, at least 8 characters long'],
  ['list', { item: { type: 'integer', rule: {} } }, null, 'a list, each a whole number'],
  ['something new', {}, null, 'something new'],
])('%s %j is said as it is read', (type, rule, unit, words) => {
  expect(ruleWords({ type, rule, unit })).toBe(words);
});
