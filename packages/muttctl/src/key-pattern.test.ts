import { describe, expect, it } from 'vitest';
import { collectKeyPatterns, keyPattern } from './key-pattern.ts';

describe('keyPattern', () => {
  it('names the keys that match', () => {
    expect(['moog_rate_limit', 'smtp_host'].filter(keyPattern('moog_*'))).toEqual(['moog_rate_limit']);
  });

  it.each(['a?b', '', '[ab]', 'a b'])('refuses %j, which could match no key', (pattern) => {
    expect(() => keyPattern(pattern)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('collectKeyPatterns', () => {
  it('takes several, with commas and one after the other', () => {
    expect(collectKeyPatterns('b_*,c', collectKeyPatterns('a'))).toEqual(['a', 'b_*', 'c']);
  });
});
