import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { displayWidth, escapeUnsafe, fitTo } from './terminal-text.ts';

describe('escapeUnsafe', () => {
  it.each([
    ['an escape sequence', '\u001b[2Jgone', '\\u{1b}[2Jgone'],
    ['an eight-bit control sequence', '\u009b31m', '\\u{9b}31m'],
    ['line ends and tabs', 'a\r\n\tb', 'a\\r\\n\\tb'],
    ['a bell and a delete', '\u0007\u007f', '\\u{7}\\u{7f}'],
    ['text that runs right to left by command', 'user\u202enimda', 'user\\u{202e}nimda'],
    ['an invisible character', 'ad\u200bmin', 'ad\\u{200b}min'],
    ['an invisible tag', 'a\u{e0041}', 'a\\u{e0041}'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ])('shows %s as an escape', (_, text, shown) => {
    expect(escapeUnsafe(text)).toBe(shown);
  });

  it('leaves letters, emoji and joiners alone', () => {
    const text = 'Grüße, 日本, 👩‍🚀';
    expect(escapeUnsafe(text)).toBe(text);
  });
});

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['🚀', 2],
    ['', 0],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('fitTo', () => {
  it('marks the cut', () => {
    expect(fitTo('abcdef', 4)).toBe('abc…');
  });

  it('never cuts a wide character in half', () => {
    expect(fitTo('日本語', 4)).toBe('日…');
  });

  it('does not take longer for a value of 1 MiB', () => {
    expect(fitTo('\u0301'.repeat(1024 * 1024), 10)).toHaveLength(41);
  });

  test.prop([fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 })])(
    'is never wider than asked for and never drives the terminal',
    (text, width) => {
      const fitted = fitTo(text, width);
      expect(displayWidth(fitted)).toBeLessThanOrEqual(width);
      expect(escapeUnsafe(fitted)).toBe(fitted);
    },
  );
});
