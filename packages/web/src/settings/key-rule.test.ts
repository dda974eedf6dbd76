import fc from 'fast-check';
import { isKey } from '@mutt/dynamic-config';
import { expect, it } from 'vitest';
import { problemWithKey } from './key-rule.ts';

it('A key is what the library takes for one', () => {
  const texts = fc.oneof(fc.string({ maxLength: 4 }), fc.stringMatching(/^[\w.:/-]{0,5}$/), fc.constant('updates'));
  fc.assert(fc.property(texts, (text) => expect(problemWithKey(text) === null).toBe(isKey(text))));
  for (const length of [256, 257]) expect(problemWithKey('a'.repeat(length)) === null).toBe(isKey('a'.repeat(length)));
});
