import { expect, it } from 'vitest';
import { shortened } from './shortened.ts';

it.each([
  ['is cut where it is long', 'abcdefgh', 'abcde…'],
  ['cannot turn itself around', 'a\u202Eb', 'a⟨U+202E⟩b'],
  ['hides nothing that controls a terminal', '\u001B[2J\u0000', '⟨U+001B⟩[2J⟨U+0000⟩'],
  ['keeps its lines and tabs', 'a\r\n\tb', 'a\r\n\tb'],
  ['keeps what emoji are joined by', '👩‍💻', '👩‍💻'],
])('a text of somebody else %s', (_, text, shown) => {
  expect(shortened(text, 5)).toBe(shown);
});
