import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMappingFile, type Mapping } from './mapping-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muttctl-mapping-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(content: string, name = 'mapping.yaml'): Promise<Mapping> {
  const path = join(folder, name);
  await writeFile(path, content);
  return readMappingFile(path);
}

describe('a mapping file', () => {
  it.each([
    ['mapping.yaml', 'cache_reload_interval: 300\ndebug_mode: true\nnothing:\nbanner: "1.10"\n'],
    ['mapping.yml', 'cache_reload_interval: 300\ndebug_mode: true\nnothing: ~\nbanner: "1.10"\n'],
    ['mapping.json', '{"cache_reload_interval": 300, "debug_mode": true, "nothing": null, "banner": "1.10"}'],
  ])('has defaults: %s', async (name, content) => {
    const { mapping, settings } = await read(content, name);
    expect(mapping).toEqual({
      cache_reload_interval: { default: 300 },
      debug_mode: { default: true },
      nothing: {},
      banner: { default: '1.10' },
    });
    expect(settings.size).toBe(0);
  });

  it('has variables, types and bounds', async () => {
    const { mapping, settings } = await read(`
limit: { env: RATE, default: 5, type: integer, min: 1, max: 10, description: Most alerts, unit: alerts/s }
every: { type: duration, min: 1s, max: 60000, bareUnit: s }
size: { type: bytes, max: 1 MB }
mode: { type: oneOf, words: [a, 1] }
name: { type: text, pattern: '[a-z]+', flags: i, maxLength: 3 }
tags: { type: list, item: { type: integer, max: 9 }, minItems: 1, default: [1, 2] }
words: { type: list }
extra: { type: json, default: { a: [1] } }
token: { type: secret }
__proto__: 1
`);
    expect(mapping).toMatchObject({
      limit: { env: 'RATE', default: 5 },
      tags: { default: '[1,2]' },
      extra: { default: '{"a":[1]}' },
    });
    expect(Object.keys(mapping)).toContain('__proto__');
    const accepts = (key: string, text: string): boolean => settings.get(key)?.parse(text).ok === true;
    expect(
      [
        ['limit', '1', '0'],
        ['limit', '10', '11'],
        ['every', '60', '500ms'],
        ['size', '1MB', '1.1MB'],
        ['mode', '1', 'b'],
        ['name', 'aBc', 'abcd'],
        ['tags', '1,9', '10'],
        ['words', 'a, b', '[1'],
        ['extra', '{}', '{'],
      ].map(([key = '', good = '', bad = '']) => [key, accepts(key, good), accepts(key, bad)]),
    ).toEqual(
      ['limit', 'limit', 'every', 'size', 'mode', 'name', 'tags', 'words', 'extra'].map((key) => [key, true, false]),
    );
    expect(settings.get('token')?.isSecret).toBe(true);
  });

  it('is as the README shows it', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const { mapping, settings } = await read(/```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '');
    expect(Object.keys(mapping)).toHaveLength(6);
    expect([...settings.values()].map(({ type }) => type)).toEqual(['integer', 'duration', 'oneOf', 'list', 'secret']);
    for (const [key, { default: value }] of Object.entries(mapping) as [
      string,
      { default?: string | number | boolean },
    ][]) {
      if (value !== undefined) expect(settings.get(key)?.parse(String(value)).ok ?? true).toBe(true);
    }
  });

  it.each([
    ['a list', '- a', 'must hold a mapping from keys to values'],
    ['nothing', '', 'must hold a mapping from keys to values'],
    ['what is no YAML', 'a: [', 'cannot be read'],
    ['a key twice', 'a: 1\na: 2', 'Map keys must be unique'],
    ['an unknown type', 'a: { type: colour }', 'a has no type of text, secret'],
    ['a misspelt field', 'a: { type: integer, mni: 1 }', 'a has the field "mni", and of type integer it may have'],
    ['bounds without a type', 'a: { min: 1 }', 'a has the field "min", and without a type it may have'],
    ['a bound of another kind', 'a: { type: integer, min: 1s }', 'a has a min that is no number'],
    ['a bound of another unit', 'a: { type: bytes, min: 1s }', 'a has a min that is no number or bytes'],
    ['a pattern that is none', 'a: { type: text, pattern: "(" }', 'a Invalid regular expression'],
    ['no words', 'a: { type: oneOf }', 'a needs words'],
    ['words that are none', 'a: { type: oneOf, words: b }', 'a has words that are no list of words'],
    ['an item of no type', 'a: { type: list, item: colour }', 'a has an item of no type'],
    ['a default with parts', 'a: { default: { b: 1 } }', 'a has a default that is neither text'],
    ['a number that loses digits', 'a: 12345678901234567890', 'a has a number that loses digits'],
    ['an empty variable', 'a: { env: "" }', 'a has an env that is no name'],
  ])('is refused with %s', async (_, content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is refused when it is not there, and when it is no JSON', async () => {
    await expect(readMappingFile(join(folder, 'nowhere.yaml'))).rejects.toThrow('ENOENT');
    await expect(read('a: 1', 'mapping.json')).rejects.toThrow('cannot be read');
  });
});
