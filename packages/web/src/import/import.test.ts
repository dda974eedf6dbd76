import fc from 'fast-check';
import { stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { ListedEntry } from '../api/replies.ts';
import { planImport } from './plan-import.ts';
import { formatOf, readFile } from './read-file.ts';

const read = async (name: string, text: string): Promise<Record<string, string>> =>
  Object.fromEntries(await readFile(name, text));

describe('a file', () => {
  it.each([
    ['a.yaml', '# c\na: 1.10\nb: true\nc:\nd: |\n  x\n  y\n', { a: '1.10', b: 'true', c: '', d: 'x\ny\n' }],
    ['a.json', '{"a": 1, "b": true, "c": "x:y, {\\"z\\"}"}', { a: '1', b: 'true', c: 'x:y, {"z"}' }],
    [
      '.env',
      '\uFEFF# c\nexport A=\'1\'\nB=two words # c\nC="x\\ny \\$1"\nD=\n',
      { A: '1', B: 'two words', C: 'x\ny $1', D: '' },
    ],
    ['.env', 'A=\'1\'\r\nB="2" # c\r\n\r\n# c\r\nC=3\r\n', { A: '1', B: '2', C: '3' }],
    ['a.json', '{}', {}],
    ['a.yaml', '{}\n', {}],
  ])('%s is read as muttctl exports it', async (name, text, values) => {
    expect(await read(name, text)).toEqual(values);
  });

  it('is read as what was written, whatever the values', async () => {
    const values = fc.dictionary(
      fc.stringMatching(/^[a-z][a-z.:/-]{0,8}$/),
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    );
    await fc.assert(
      fc.asyncProperty(values, async (some) => {
        const plain = { ...some };
        expect(await read('a.json', JSON.stringify(some, null, 2))).toEqual(plain);
        expect(
          await read(
            'a.yaml',
            stringify(some, {
              schema: 'failsafe',
              doubleQuotedAsJSON: true,
              lineWidth: 0,
              defaultStringType: 'QUOTE_DOUBLE',
            }),
          ),
        ).toEqual(plain);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['a.yaml', 'a: 1\nb: [1]\n', 'Line 2: it holds something nested for b'],
    ['a.yaml', 'a: 1\na: 2\n', 'Line 2: it is not YAML'],
    ['a.yaml', 'a: "1\n', 'it is not YAML'],
    ['a.json', '{\n"a": {"b": 1}}', 'Line 2: it holds something nested for a'],
    ['a.json', '{"a": 1.10}', 'the number 1.10 for a'],
    ['a.json', '{"a": "1",\n"a": "2"}', 'Line 2: it names a twice'],
    ['a.json', '[]', 'must hold an object'],
    ['a.json', '{"a": 1,\n}', 'Line 2, column 1'],
    ['.env', 'A=1\nnonsense\n', 'Line 2: it has no name=value'],
    ['.env', 'A=1\nA=2\n', 'Line 2: it names A twice'],
  ])('%s that is wrong is refused with its line, %#', async (name, text, problem) => {
    await expect(read(name, text)).rejects.toThrow(problem);
  });

  it.each([
    ['prod.env', '', 'dotenv'],
    ['.env.prod', '', 'dotenv'],
    ['export.txt', '{"a": "1"}', 'json'],
    ['export.txt', '# c\nA=1', 'dotenv'],
    ['export.txt', 'a: 1', 'yaml'],
  ])('%s is known for what it is, %#', (name, text, format) => {
    expect(formatOf(name, text)).toBe(format);
  });
});

describe('planImport', () => {
  const entry = (key: string, value: string, masked = false): ListedEntry => ({
    key,
    value,
    revision: 7,
    changed_at: null,
    changed_by: null,
    invalid: null,
    masked,
  });
  const byKey = new Map(
    [entry('same', '1'), entry('other', '1'), entry('gone', '1'), entry('token', '••••••', true)].map((one) => [
      one.key,
      one,
    ]),
  );
  const plan = planImport(
    new Map([
      ['same', '1'],
      ['other', '2'],
      ['fresh', '3'],
      ['token', '••••••'],
      ['no key', '4'],
    ]),
    { byKey, settings: new Map() },
  );

  it('has what differs, with the revision that it was compared with', () => {
    expect(plan.sets).toEqual([
      { key: 'other', value: '2', baseValue: '1', baseRevision: 7, isSecret: false },
      { key: 'fresh', value: '3', baseValue: null, baseRevision: 0, isSecret: false },
    ]);
    expect(plan.unchanged).toBe(1);
  });

  it('keeps what would be deleted apart, and says what it leaves alone', () => {
    expect(plan.deletes).toMatchObject([{ key: 'gone', value: null, baseRevision: 7 }]);
    expect([plan.masked, plan.badKeys]).toEqual([['token'], ['no key']]);
  });
});
