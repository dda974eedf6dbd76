import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { wordsApart } from './words-apart.ts';

const marked = (words: ReturnType<typeof wordsApart>['before']): string | undefined =>
  words?.map(({ text, differs }) => (differs ? `[${text}]` : text)).join('');

describe('what differs between two texts', () => {
  it.each([
    ['ten alerts', 'twenty alerts', '[ten] alerts', '[twenty] alerts'],
    ['a', 'b', 'a', 'b'],
    ['', 'b', '', 'b'],
    [null, 'b', undefined, 'b'],
  ])('%j and %j is marked, unless that is all', (was, is, before, after) => {
    const apart = wordsApart(was, is);
    expect([marked(apart.before), marked(apart.after)]).toEqual([before, after]);
  });

  it('is given up on where there is too much of it, so that no page stands still', () => {
    const startedMs = performance.now();
    const { before, after } = wordsApart('a,b;'.repeat(499), 'c.d:'.repeat(499));
    // Without a limit: seconds.
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect([before, after]).toEqual([
      [{ text: 'a,b;'.repeat(499), differs: false }],
      [{ text: 'c.d:'.repeat(499), differs: false }],
    ]);
  });

  it('is shown cut, without marks that reorder it', () => {
    expect(marked(wordsApart('x'.repeat(30_000), '\u202e').before)).toMatch(/^x{20000}… \(30000 characters\)$/);
    expect(marked(wordsApart(null, '\u202e').after)).toBe('⟨U+202E⟩');
  });
});
