import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shellQuote, typeScriptQuote } from './shell-quote.ts';
import { snippetsOf } from './snippets.ts';

const hostile = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          '\\',
          '$',
          '`',
          '!',
          '\n',
          '\r',
          ' ',
          '$(id)',
          '\u2028',
          '-',
          '#',
          '~',
          '*',
          '%41',
          'é',
        ),
        { maxLength: 8 },
      )
      .map((some) => some.join('')),
  )
  .filter((text) => text.isWellFormed());

it('a shell reads a quoted text as what it was', () => {
  const texts = fc.sample(
    hostile.filter((text) => !text.includes('\0')),
    { numRuns: 500, seed: 1 },
  );
  const words = ['', '-', 'a=b', '~', "it's", ...texts];
  const read = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(shellQuote).join(' ')}`]).toString();
  expect(read.split('\0').slice(0, -1)).toEqual(words);
});

it('JavaScript reads a quoted text as what it was', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const quoted = typeScriptQuote(text);
      expect(quoted).not.toMatch(/[\n\r\u2028\u2029]/);
      // oxlint-disable-next-line no-eval -- what is asked is how it is evaluated
      expect((0, eval)(quoted)).toBe(text);
    }),
  );
});

const origin = 'https://config.example';
const written = (key: string, value: string | null): (string | null)[] =>
  snippetsOf({ key, value, origin }).map(({ write }) => write);

it('says how to set it, for a shell and in code', () => {
  expect(written('moog/rate', "it's")).toEqual([
    String.raw`muttctl config set moog/rate 'it'\''s'`,
    String.raw`curl -X PUT https://config.example/api/v1/config/moog%2Frate -H "X-API-Key: $MUTT_API_KEY" -H 'Content-Type: application/json' -d '{"value":"it'\''s"}'`,
    String.raw`await config.set('moog/rate', 'it\'s')`,
  ]);
});

it('a value or key that begins with a dash is no option, and a key of dots is in no path', () => {
  expect(written('flags', '--verbose')[0]).toBe('muttctl config set -- flags --verbose');
  expect(written('..', '1')[1]).toContain(`/api/v1/changes -H`);
  expect(written('k', 'a\0b')[0]).toBeNull();
  expect(written('k', null)).toEqual([null, null, null]);
});
