import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { isKeyPattern, matchesPattern } from './key-pattern.ts';

describe('a key pattern', () => {
  it.each([
    ['moog_rate_limit', 'moog_rate_limit', true],
    ['moog_rate_limit', 'moog_rate_limits', false],
    ['moog_*', 'moog_rate_limit', true],
    ['moog_*', 'moog_', true],
    ['moog_*', 'a_moog_', false],
    ['*_limit', 'moog_rate_limit', true],
    ['*rate*', 'moog_rate_limit', true],
    ['*', 'a', true],
    ['a', 'ab', false],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'ac', false],
    ['a*bc*c', 'abc', false],
    ['a*b*a', 'aba', true],
    ['ab*ba', 'aba', false],
    ['**', '', true],
    ['a.c', 'abc', false],
  ])('%s and the key %s: %s', (pattern, key, matches) => {
    expect(matchesPattern(pattern, key)).toBe(matches);
  });

  test.prop([
    fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 8 }),
    fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }),
  ])('agrees with the regular expression', (pattern, key) => {
    expect(matchesPattern(pattern, key)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(key));
  });

  it('of many stars is answered at once', () => {
    expect(matchesPattern('*a'.repeat(127), 'a'.repeat(126) + 'b')).toBe(false);
  });

  it('is made of what keys are made of, and stars', () => {
    expect(['moog_*', '*', '', 'a b', '[a]*', 'a?', 'a'.repeat(257)].map(isKeyPattern)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
