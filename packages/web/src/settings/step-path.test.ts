import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepPath, withCurrent } from './step-path.ts';

describe('stepPath', () => {
  it('holds each number until the next, the largest on top', () => {
    expect(stepPath([1, 3, 2], 60, 10)).toBe('M0 10H20V0H40V5H60');
  });

  it('runs through the middle where nothing differs', () => {
    expect(stepPath([5, 5], 60, 10)).toBe('M0 5H30V5H60');
  });

  it.each([[[]], [[7]]])('draws nothing of %j', (numbers) => expect(stepPath(numbers, 60, 10)).toBeNull());

  it('stays within its bounds, whatever the numbers', () => {
    const numbers = fc.array(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), { minLength: 2, maxLength: 24 });
    fc.assert(
      fc.property(numbers, (some) => {
        const coordinates = (stepPath(some, 64, 16) ?? '').match(/-?[\d.e]+/g)?.map(Number) ?? [];
        expect(coordinates.every((one) => one >= 0 && one <= 64)).toBe(true);
      }),
    );
  });
});

describe('withCurrent', () => {
  const points = [1, 2].map((value) => ({ value, changed_at: '' }));

  it('adds the number that holds now, unless the trail has it', () => {
    expect(withCurrent(points, '3')).toEqual([1, 2, 3]);
    expect(withCurrent(points, '2')).toEqual([1, 2]);
    expect(withCurrent(points, 'many')).toEqual([1, 2]);
  });
});
