import { describe, expect, it } from 'vitest';
import { nearest } from './suggest.ts';

const KEYS = ['moog_rate_limit', 'moog_batch_size', 'debug_mode', 'a', 'ab'];

describe('nearest', () => {
  it.each([
    ['mog_rate_limit', 'moog_rate_limit'],
    ['moog_rate_limits', 'moog_rate_limit'],
    ['moog_rtae_limit', 'moog_rate_limit'],
    ['debugmode', 'debug_mode'],
    ['b', 'a'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearest(typed, KEYS)).toBe(meant);
  });

  it.each(['banner', 'moog_xyz_limit_of_all', ''])('makes no guess at %j', (typed) => {
    expect(nearest(typed, ['moog_rate_limit'])).toBeNull();
  });
});
