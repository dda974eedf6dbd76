import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { keyPattern } from './key-pattern.ts';

describe('keyPattern', () => {
  it.each([
    ['moog_rate_limit', 'moog_rate_limit', true],
    ['moog_rate_limit', 'moog_rate_limits', false],
    ['moog_*', 'moog_rate_limit', true],
    ['moog_*', 'moog_', true],
    ['*_limit', 'moog_rate_limit', true],
    ['*rate*', 'moog_rate_limit', true],
    ['a*b*a', 'aba', true],
    ['ab*ba', 'aba', false],
    ['*', 'anything', true],
    ['a.c', 'abc', false],
    ['**', 'x', true],
  ])('%s and %s: %s', (pattern, key, expected) => {
    expect(keyPattern(pattern)(key)).toBe(expected);
  });

  test.prop([
    fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 8 }),
    fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }),
  ])('agrees with the regular expression', (pattern, key) => {
    expect(keyPattern(pattern)(key)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(key));
  });

  it.each(['a?b', '', '[ab]', 'a b'])('refuses %j, which could match no key', (pattern) => {
    expect(() => keyPattern(pattern)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
