import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyAs, shellWord } from './copy-as.ts';

const ORIGIN = 'https://config.internal';
const textOf = (label: string, key: string, value: string | null): string =>
  copyAs(key, value, ORIGIN).find((one) => one.label === label)?.text ?? '';

describe('copyAs', () => {
  it.each([
    ['muttctl', 'rate', '5', 'muttctl config set --url https://config.internal -- rate 5'],
    ['muttctl', 'rate', null, 'muttctl config get --url https://config.internal -- rate'],
    [
      'curl',
      'rules/a',
      '-1',
      `curl -X PUT -H "X-API-Key: $MUTT_API_KEY" -H 'Content-Type: application/json' -d '{"value":"-1"}' https://config.internal/api/v1/config/rules%2Fa`,
    ],
    ['curl', '..', null, `curl -H "X-API-Key: $MUTT_API_KEY" 'https://config.internal/api/v1/entries?key=..'`],
    ['TypeScript', 'a', 'it\'s "x"', `await config.set("a", "it's \\"x\\"")`],
  ])('as %s writes %s and %s', (label, key, value, text) => {
    expect(textOf(label, key, value)).toBe(text);
  });

  it('names the keys that no path can hold in the body', () => {
    expect(textOf('curl', '.', '1')).toContain(`-d '{"changes":[{"key":".","value":"1"}]}'`);
  });

  it('writes words that a shell reads as they were', () => {
    const word = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !text.includes('\0') && text.isWellFormed());
    const words = fc.sample(word, { numRuns: 300, seed: 1 });
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`], {
      encoding: 'utf8',
    });
    expect(printed.split('\0').slice(0, -1)).toEqual(words);
  });
});
