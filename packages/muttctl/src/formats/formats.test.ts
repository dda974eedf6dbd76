import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMAT_NAMES, formatOf, loadFormat, type FormatName, type Values } from './format.ts';
import { writeYaml } from './yaml-format.ts';

const keyCharacters = 'ABCabc019_.:/-'.split('');
const key = fc
  .string({ unit: fc.constantFrom(...keyCharacters), minLength: 1, maxLength: 12 })
  .filter((one) => one !== 'updates');
const anyKey = fc.oneof(key, fc.constantFrom('__proto__', 'constructor', '-', '...', 'null', 'true', '~', '1e3', 'on'));
const envName = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][\w.-]{0,10}$/),
  fc.constantFrom('__proto__', 'export', 'constructor'),
);
const line = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '  x',
    'x ',
    '#',
    '# x',
    'a: b',
    '- a',
    '---',
    '...',
    '"',
    "'",
    '\\n',
    '$HOME',
    '`x`',
    '\t',
    '|',
    '>',
  ),
);
const SPECIAL = [
  ['', '\0', '\ufeff', '\u0085', '\u2028', '\u2029', '\r', '\r\n', '\n', '\n\n', '\n ', ' \n', '\u001b[31m', '~'],
  [
    'null',
    'true',
    'No',
    '1.10',
    '0x1F',
    '1e3',
    '.inf',
    '2026-01-01',
    '!!str x',
    '&a',
    '*a',
    '{}',
    '[]',
    '<<',
    '=',
    '🚀',
  ],
].flat();
const special = fc.constantFrom(...SPECIAL);
const value = fc
  .oneof(
    special,
    line,
    fc.array(fc.oneof(line, special), { maxLength: 5 }).map((lines) => lines.join('\n')),
    fc.array(fc.oneof(line, special), { maxLength: 5 }).map((parts) => parts.join('')),
  )
  .filter((text) => text.isWellFormed());

function valuesOf(keys: fc.Arbitrary<string>, texts: fc.Arbitrary<string>): fc.Arbitrary<Values> {
  return fc.array(fc.tuple(keys, texts), { maxLength: 8 }).map((pairs) => new Map(pairs));
}

const ARBITRARIES: Readonly<Record<FormatName, fc.Arbitrary<Values>>> = {
  yaml: valuesOf(anyKey, value),
  json: valuesOf(anyKey, value),
  dotenv: valuesOf(
    envName,
    value.filter((text) => !text.includes('\0')),
  ),
};

function sorted(values: Values): (readonly [string, string])[] {
  return [...values].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe.each(FORMAT_NAMES)('%s', (name) => {
  it('is read as what was written, whatever the keys and values', async () => {
    const format = await loadFormat(name);
    fc.assert(
      fc.property(ARBITRARIES[name], (values) => {
        const read = format.read(format.write(values));
        // Not in their order: a JSON object has whole numbers first.
        expect(sorted(read)).toEqual(sorted(values));
      }),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 2_000) },
    );
  });
});

it.each(['yaml', 'json'] as const)(
  '%s holds nothing that a terminal acts on, and is the same for a reader',
  async (name) => {
    const { read, write } = await loadFormat(name);
    const values = new Map([['a', 'x\u001b[31m \u009b2J \u202eevil \u061c \u2066 \u2028']]);
    const text = write(values);
    expect(text).not.toMatch(/[\p{Zl}\p{Zp}]|\p{Bidi_Control}|[\0-\u0009\u000b-\u001f\u007f-\u009f]/u);
    expect(read(text)).toEqual(values);
  },
);

it('YAML without quotes is read as what was written, too', async () => {
  const { read } = await loadFormat('yaml');
  fc.assert(
    fc.property(ARBITRARIES.yaml, (values) => {
      const text = writeYaml(values, { isBare: true, commentOf: (one) => ` about ${one}\n and more` });
      expect([...read(text)]).toEqual([...values]);
    }),
    { numRuns: 500 },
  );
});

describe('a dotenv file', () => {
  it.each([
    ['a key that is no name', 'a:b', '1', 'a name there is made of'],
    ['a key that begins with a digit', '1a', '1', 'a name there is made of'],
    ['a NUL', 'a', 'x\0y', 'holds a NUL'],
  ])('refuses %s rather than losing it', async (_, badKey, text, why) => {
    const { write } = await loadFormat('dotenv');
    expect(() => write(new Map([[badKey, text]]))).toThrow(why);
  });

  it('is read with the line ends of Windows, in quotes or not', async () => {
    const { read } = await loadFormat('dotenv');
    expect([...read('A=\'1\'\r\nB="2" # c\r\nC=3\r\n')]).toEqual([
      ['A', '1'],
      ['B', '2'],
      ['C', '3'],
    ]);
  });

  it('is read as people write it', async () => {
    const { read } = await loadFormat('dotenv');
    const text = '# first\nA=1\n\n  export B = two words # a comment\nC="x\\ny \\$1"\nD=\'$raw\' # why\nE=\nF=a#b\n';
    expect([...read(text)]).toEqual([
      ['A', '1'],
      ['B', 'two words'],
      ['C', 'x\ny $1'],
      ['D', '$raw'],
      ['E', ''],
      ['F', 'a#b'],
    ]);
  });

  it.each([
    ['A=1\nnonsense\n', 'line 2'],
    ['A=1\nA=2\n', 'names A twice, again in line 2'],
    ["A='open\n", 'line 1'],
  ])('says what is wrong with %j', async (text, problem) => {
    const { read } = await loadFormat('dotenv');
    expect(() => read(text)).toThrow(problem);
  });
});

describe('a YAML file', () => {
  it('is read as the text that stands there', async () => {
    const { read } = await loadFormat('yaml');
    const values = read('# c\na: 1.10\nb: true\nc: ~\nd:\ne: 0x1F\nf: "2"\ng: |\n  x\n  y\n');
    expect([...values]).toEqual([
      ['a', '1.10'],
      ['b', 'true'],
      ['c', '~'],
      ['d', ''],
      ['e', '0x1F'],
      ['f', '2'],
      ['g', 'x\ny\n'],
    ]);
    expect(read('# nothing\n').size).toBe(0);
  });

  it.each([
    ['a: [1, 2]', 'something nested for a'],
    ['a: 1\na: 2', 'is not YAML'],
    ['- a', 'must hold a mapping'],
    ['a: &x 1\nb: *x', 'an alias for b'],
  ])('says what is wrong with %j', async (text, problem) => {
    const { read } = await loadFormat('yaml');
    expect(() => read(text)).toThrow(problem);
  });
});

describe('a JSON file', () => {
  it('takes whole numbers and booleans as text', async () => {
    const { read } = await loadFormat('json');
    expect([...read('{"a": 1, "b": true, "c": "x:y"}')]).toEqual([
      ['a', '1'],
      ['b', 'true'],
      ['c', 'x:y'],
    ]);
  });

  it('may hold a text of many megabytes', async () => {
    const { read } = await loadFormat('json');
    const text = 'x'.repeat(16 * 1024 * 1024);
    expect(read(JSON.stringify({ a: text })).get('a')).toBe(text);
  });

  it.each([
    ['{"a": 1.10}', 'write it as text'],
    ['{"a": 12345678901234567890}', 'write it as text'],
    ['{"a": null}', 'null for a'],
    ['{"a": {"b": 1}}', 'something nested for a'],
    ['{"a": "1", "a": "2"}', 'names a key twice'],
    ['[]', 'must hold an object'],
    ['{', 'is not JSON'],
  ])('says what is wrong with %s', async (text, problem) => {
    const { read } = await loadFormat('json');
    expect(() => read(text)).toThrow(problem);
  });
});

it.each([
  ['a/b.yaml', 'yaml'],
  ['b.YML', 'yaml'],
  ['c.json', 'json'],
  ['.env', 'dotenv'],
  ['dir/.env.production', 'dotenv'],
  ['prod.env', 'dotenv'],
  ['readme.md', null],
])('takes %s for %s', (path, format) => {
  expect(formatOf(path)).toBe(format);
});
