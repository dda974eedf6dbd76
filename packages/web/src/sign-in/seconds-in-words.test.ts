import { expect, it } from 'vitest';
import { secondsInWords } from './seconds-in-words.ts';

it.each([
  [1, '1 second'],
  [60, '60 seconds'],
  [61, '2 minutes'],
  [600, '10 minutes'],
])('says %i seconds as people do', (seconds, words) => {
  expect(secondsInWords(seconds)).toBe(words);
});
