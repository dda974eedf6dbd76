import { describe, expect, it } from 'vitest';
import { isKeyPattern, matchesPattern } from './key-pattern.ts';

describe('a key pattern', () => {
  it.each([
    ['moog_*', 'moog_rate_limit', true],
    ['moog_*', 'moog_', true],
    ['moog_*', 'a_moog_', false],
    ['*_limit', 'moog_rate_limit', true],
    ['*', 'a', true],
    ['a', 'a', true],
    ['a', 'ab', false],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'ac', false],
    ['a*bc*c', 'abc', false],
    ['ab*ba', 'aba', false],
    ['**', '', true],
    ['a.c', 'abc', false],
  ])('%s and the key %s: %s', (pattern, key, matches) => {
    expect(matchesPattern(pattern, key)).toBe(matches);
  });

  it('of many stars is answered at once', () => {
    expect(matchesPattern('*a'.repeat(127), 'a'.repeat(126) + 'b')).toBe(false);
  });

  it('is made of what keys are made of, and stars', () => {
    expect(['moog_*', '*', '', 'a b', '[a]*', 'a?'].map(isKeyPattern)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
