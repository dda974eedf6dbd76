import { describe, expect, it } from 'vitest';
import { parseSearch, stringifySearch } from './search-text.ts';

describe('the query of an address', () => {
  it.each(['1e3', '1.0', 'null', 'true', '12345678901234567890', '{}', '"a"', 'a/b', '..', '%41', 'a&b=c#d?e', 'ä +'])(
    'holds %j as it is',
    (key) => {
      expect(parseSearch(stringifySearch({ key }))).toEqual({ key });
      expect(parseSearch(`?key=${encodeURIComponent(key)}`)).toEqual({ key });
    },
  );

  it('leaves out what is undefined, and is nothing where there is nothing', () => {
    expect(stringifySearch({ q: undefined, record: 7 })).toBe('?record=7');
    expect(stringifySearch({ q: undefined })).toBe('');
  });
});
