import { expect, it } from 'vitest';
import { deviceIn, expiryOf, patternsIn } from './rights-words.ts';

it.each([
  ['', null],
  [' \n\n', null],
  ['moog_*', ['moog_*']],
  [' moog_*, \n\nalerter/* moog_*', ['moog_*', 'alerter/*']],
])('takes the patterns out of %j', (text, patterns) => {
  expect(patternsIn(text)).toEqual(patterns);
});

it.each([
  [null, 'unknown'],
  ['muttctl/1.0', 'muttctl'],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
    'Chrome on Linux',
  ],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1', 'Safari on iOS'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['x'.repeat(1_000), `${'x'.repeat(40)}…`],
])('says in words that %j signed in', (userAgent, words) => {
  expect(deviceIn(userAgent)).toBe(words);
});

it('ends a key after its lifetime, at the beginning of a day, or never', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(expiryOf('90 days', '', now)).toBe('2026-04-01T00:00:00.000Z');
  expect(expiryOf('Never', '2026-05-01', now)).toBe(null);
  expect(expiryOf('On a day …', '2026-05-01', now)).toBe(new Date('2026-05-01T00:00:00').toISOString());
});
