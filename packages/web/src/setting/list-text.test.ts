import { describe, expect, it } from 'vitest';
import { list, text } from '../../../dynamic-config/src/index.ts';
import { itemsOf, listText } from './list-text.ts';

describe('the text of a list', () => {
  it.each([
    ['', []],
    ['netops, sre', ['netops', 'sre']],
    ['["a,b", " c", 5]', ['a,b', ' c', '5']],
    ['[a', null],
    ['[1', null],
  ])('%j holds %j', (stored, items) => {
    expect(itemsOf(stored)).toEqual(items);
  });

  it.each([[[]], [['a', 'b']], [['a,b']], [[' a']], [['']], [['[', 'b']], [['ü', '"']]])(
    'is written of %j as the library writes it',
    (items) => {
      expect(listText(items)).toBe(list(text()).format(items));
      expect(itemsOf(listText(items))).toEqual(items);
    },
  );
});
