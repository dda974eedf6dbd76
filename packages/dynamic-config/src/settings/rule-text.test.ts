import { describe, expect, it } from 'vitest';
import { boolean } from './boolean.ts';
import { json } from './json.ts';
import { list } from './list.ts';
import { integer, number } from './number.ts';
import { oneOf } from './one-of.ts';
import { bytes, duration } from './quantity.ts';
import { ruleText } from './rule-text.ts';
import type { Setting } from './setting.ts';
import { text } from './text.ts';

describe('the values of a setting, in words', () => {
  it.each<[string, Setting<unknown>]>([
    ['integer', integer()],
    ['integer, 1 to 10000', integer({ min: 1, max: 10_000 })],
    ['number, at least 0.5', number({ min: 0.5 })],
    ['boolean', boolean()],
    ['one of dlq, defer', oneOf(['dlq', 'defer'])],
    ['duration, 1s to 5m', duration({ min: 1_000, max: 300_000 })],
    ['bytes, at most 64MB', bytes({ max: 64_000_000 })],
    ['text, 1 to 5 characters, matching /[a-z]+/i', text({ minLength: 1, maxLength: 5, pattern: /[a-z]+/i })],
    ['text, at least 1 character', text({ minLength: 1 })],
    ['text, exactly 4 characters', text({ minLength: 4, maxLength: 4 })],
    ['list of (integer, at most 9), at least 1 item', list(integer({ max: 9 }), { minItems: 1 })],
    ['list of text', list(text())],
    ['json', json()],
  ])('%s', (words, setting) => {
    expect(ruleText(setting)).toBe(words);
  });

  it('are those of its type where the rule makes no sense', () => {
    expect(ruleText({ type: 'colour', rule: { min: 'red' } })).toBe('colour');
    expect(ruleText({ type: 'list', rule: { item: null } })).toBe('list');
    expect(ruleText({ type: 'constructor', rule: { min: 1 } })).toBe('constructor, at least 1');
  });
});
