import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadFormat } from '../../../muttctl/src/formats/format.ts';
import { EXPORT_FORMATS, exportText } from './export-text.ts';

const ANY_KEY = fc.stringMatching(/^[A-Za-z0-9_.:/-]{1,20}$/);
const DOTENV_KEY = fc.stringMatching(/^[A-Za-z_][\w.-]{0,20}$/);
const VALUE = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', "'", '"', '\\', '$', '#', ':', '`', '-', '\u202e') }),
  fc.constantFrom('', 'true', '1.10', '0x1f', 'null', '~', '{"a": [1]}', '- x', '<img src=x onerror=alert(1)>'),
);

describe('exportText', () => {
  it.each(EXPORT_FORMATS)('writes %s that muttctl reads again, and writes alike', async (format) => {
    const { read, write } = await loadFormat(format);
    const key = format === 'dotenv' ? DOTENV_KEY : ANY_KEY;
    const value = format === 'dotenv' ? VALUE.filter((text) => !text.includes('\0')) : VALUE;
    const values = fc.array(fc.tuple(key, value), { maxLength: 8 }).map((pairs) => new Map(pairs));
    await fc.assert(
      fc.asyncProperty(values, async (some) => {
        const text = await exportText(format, some);
        expect(text).toBe(write(some));
        expect(new Map(read(text))).toEqual(some);
      }),
    );
  });

  it('says what a dotenv file cannot hold', async () => {
    const slash = exportText('dotenv', new Map([['rules/default.json', '{}']]));
    await expect(slash).rejects.toThrow('A dotenv file cannot hold rules/default.json');
    await expect(exportText('dotenv', new Map([['a', '\0']]))).rejects.toThrow('holds a NUL');
  });
});
