import { describe, expect, it } from 'vitest';
import { meaningOf } from './meaning.ts';
import { ruleWords } from './rule-words.ts';
import { stepFor, stepped } from './steps.ts';

describe('ruleWords', () => {
  it.each([
    ['integer', { min: 1, max: 10_000 }, 'alerts/s', 'a whole number from 1 to 10,000, in alerts/s'],
    ['number', { max: 0.5 }, null, 'a number, at most 0.5'],
    ['duration', { min: 1_000, max: 5_400_000 }, null, 'a time span like 30s, 5m or 1h30m from 1s to 1h 30m'],
    ['bytes', { min: 65_536 }, null, 'a size like 64MB or 512KiB, at least 64KiB'],
    ['oneOf', { words: ['dlq', 'defer'] }, null, 'one of dlq, defer'],
    [
      'text',
      { minLength: 2, maxLength: 5, pattern: '^a', flags: 'i' },
      null,
      'text from 2 to 5 characters, matching /^a/i',
    ],
    [
      'list',
      { item: { type: 'integer', rule: { min: 1 } }, maxItems: 3 },
      null,
      'a list, each item a whole number, at least 1, at most 3 items',
    ],
    ['later', {}, null, 'later'],
  ])('says of %s what it takes', (type, rule, unit, words) => {
    expect(ruleWords({ type, rule, unit })).toBe(words);
  });
});

describe('meaningOf', () => {
  it.each([
    ['duration', '90s', '1 minute 30 seconds'],
    ['duration', '1h 1ms', '1 hour 1 millisecond'],
    ['duration', 'soon', null],
    ['duration', '90', null],
    ['bytes', '64MB', '64,000,000 bytes (61.04 MiB)'],
    ['bytes', '1B', '1 byte'],
    ['bytes', '', null],
    ['list', 'a, b', '2 items: a · b'],
    ['list', '["a,b"]', '1 item: a,b'],
    ['list', '', 'no items'],
    ['list', '[', null],
    ['integer', '1000000', '1,000,000'],
    ['integer', '9007199254740993', '9,007,199,254,740,993'],
    ['text', '1000000', null],
  ])('says what the %s %j means', (type, value, words) => {
    expect(meaningOf(value, { type, rule: {} })).toBe(words);
  });

  it('counts a bare number in the unit that is declared for it', () => {
    expect(meaningOf('90', { type: 'duration', rule: { bareUnit: 's' } })).toBe('1 minute 30 seconds');
  });
});

describe('stepped', () => {
  it.each([
    ['5', 1, {}, '6'],
    ['10', 1, { max: 10 }, '10'],
    ['', 1, { min: 3 }, '3'],
    ['0.1', 0.2, {}, '0.3'],
    ['1e-7', 1e-7, {}, '2e-7'],
    ['many', 1, {}, null],
    ['9007199254740993', 1, {}, null],
  ])('takes %j by %d within %j to %j', (text, by, bounds, next) => {
    expect(stepped(text, by, bounds)).toBe(next);
  });

  it('steps by the last decimal that there is', () => {
    expect([stepFor('0.25', 'number'), stepFor('3', 'number'), stepFor('0.25', 'integer')]).toEqual([0.01, 1, 1]);
    expect(stepFor('1.5e-7', 'number')).toBe(1e-8);
  });
});
