import { describe, expect, it } from 'vitest';
import type { AppliedChange } from '../applied-change.ts';
import { boolean } from './boolean.ts';
import { toSettings } from './declaration.ts';
import { json } from './json.ts';
import { list } from './list.ts';
import { integer } from './number.ts';
import { SettingValues } from './setting-values.ts';
import type { InvalidSetting } from './setting-values.ts';
import type { StandardSchema } from './standard-schema.ts';
import { text } from './text.ts';

interface Thresholds {
  warn: number;
  shed: number;
}

/** Settings of which one must stay below another. */
function open(): { values: SettingValues; refused: InvalidSetting[] } {
  const refused: InvalidSetting[] = [];
  const values = new SettingValues({
    settings: toSettings({
      warn: integer({ min: 0, max: 100, default: 50 }),
      shed: integer({ min: 0, max: 100, default: 80 }),
      limit: integer({ min: 1, default: 10 }),
    }),
    validate: ({ warn, shed }: Thresholds) => (warn < shed ? [] : [`warn (${warn}) must be below shed (${shed}).`]),
    onInvalid: (invalid) => refused.push(invalid),
  });
  return { values, refused };
}

function change(key: string, value: string | null, revision = 1): AppliedChange {
  const who = { changedAtMs: 0, changedBy: 'alice', reason: null, source: 'commit' as const };
  return { key, value, previousValue: null, revision, ...who };
}

/** A validator of texts that makes something of them. */
function schema<T>(make: (value: string) => T): StandardSchema<T> {
  const validate = (value: unknown): { value: T } => ({ value: make(value as string) });
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

function validDate(text: string): Date {
  return Number.isNaN(Date.parse(text)) ? raise('no date') : new Date(text);
}

function raise(message: string): never {
  throw new Error(message);
}

/** What is served of the keys. */
function served(values: SettingValues, ...keys: string[]): unknown[] {
  return keys.map((key) => values.values.get(key));
}

describe('values of settings', () => {
  it('begin with the defaults', () => {
    const { values } = open();
    expect(served(values, 'warn', 'shed', 'limit')).toEqual([50, 80, 10]);
    expect(values.invalid).toEqual([]);
  });

  it('are what the settings make of the texts, and changes name them so', () => {
    const { values } = open();
    expect(values.apply([change('limit', ' 20 '), change('other', 'x')], true)).toMatchObject([
      { key: 'limit', value: 20, previousValue: 10, changedBy: 'alice' },
    ]);
    expect(served(values, 'limit')).toEqual([20]);
  });

  it('are the defaults again when a key is deleted', () => {
    const { values } = open();
    values.apply([change('limit', '20')], true);
    expect(values.apply([change('limit', null, 2)], true)).toMatchObject([{ value: 10, previousValue: 20 }]);
  });

  it('change only when the value does, however it is written', () => {
    const { values } = open();
    values.apply([change('limit', '20')], true);
    expect(values.apply([change('limit', '+20', 2)], true)).toEqual([]);
  });

  it('stay as they were when a text is refused, and follow again by themselves', () => {
    const { values, refused } = open();
    values.apply([change('limit', '20')], true);
    expect(values.apply([change('limit', 'many', 2)], true)).toEqual([]);
    const problem = 'The value of limit must be a whole number.';
    expect(values.invalid).toEqual([{ key: 'limit', problem, revision: 2, changedBy: 'alice' }]);
    expect(refused).toEqual(values.invalid);
    expect(served(values, 'limit')).toEqual([20]);
    expect(values.apply([change('limit', '30', 3)], true)).toMatchObject([{ value: 30, previousValue: 20 }]);
    expect(values.invalid).toEqual([]);
    expect(values.rejections).toBe(1);
  });

  it('are taken of a change set where only another one of it cannot be read', () => {
    const { values } = open();
    values.apply([change('limit', 'many'), change('warn', '60')], true);
    expect(served(values, 'limit', 'warn')).toEqual([10, 60]);
  });

  it('are refused as a whole change set when they do not go together', () => {
    const { values, refused } = open();
    expect(values.apply([change('warn', '90'), change('limit', '20')], true)).toEqual([]);
    expect(served(values, 'warn', 'limit')).toEqual([50, 10]);
    expect(refused.map(({ key }) => key)).toEqual(['warn', 'limit']);
    expect(refused[0]?.problem).toBe('warn (90) must be below shed (80).');
  });

  it('are taken as soon as what they waited for arrives', () => {
    const { values } = open();
    values.apply([change('warn', '90')], true);
    expect(values.apply([change('shed', '95', 2)], true)).toMatchObject([
      { key: 'warn', value: 90, revision: 1 },
      { key: 'shed', value: 95, revision: 2 },
    ]);
    expect(values.invalid).toEqual([]);
  });

  it('are not held up by others that wait', () => {
    const { values } = open();
    values.apply([change('warn', '90')], true);
    values.apply([change('limit', '20', 2)], true);
    expect(served(values, 'warn', 'limit')).toEqual([50, 20]);
    expect(values.invalid.map(({ key }) => key)).toEqual(['warn']);
  });

  it('found all at once are taken change set by change set, where all of it does not go together', () => {
    const { values } = open();
    const found = [change('warn', '90', 7), change('limit', '20', 3), change('shed', '70', 5)];
    values.apply(found, false);
    expect(served(values, 'warn', 'shed', 'limit')).toEqual([50, 70, 20]);
    expect(values.invalid).toMatchObject([{ key: 'warn', revision: 7 }]);
  });

  it('outlive a validation that throws', () => {
    const values = new SettingValues({
      settings: toSettings({ a: integer({ default: 1 }) }),
      validate: ({ a }: { a: number }) => {
        if (a === 2) throw new Error('not two');
        return [];
      },
      onInvalid: () => {},
    });
    values.apply([change('a', '2')], true);
    expect(served(values, 'a')).toEqual([1]);
    expect(values.invalid[0]?.problem).toBe('The validation of all settings failed: not two');
  });

  it('are checked by each rule that has all it asks for', () => {
    const values = new SettingValues({
      settings: toSettings({ warn: integer(), shed: integer(), name: text() }),
      validate: [
        ({ warn, shed }: { warn: number; shed: number }) => (warn < shed ? [] : [`warn ${warn}, shed ${shed}.`]),
        (all: { name: string }) => ('name' in all && all.name === '' ? ['The name is empty.'] : []),
      ],
      onInvalid: () => {},
    });
    values.apply([change('warn', '50')], true);
    values.apply([change('shed', '40', 2)], true);
    expect(served(values, 'warn', 'shed')).toEqual([50, undefined]);
    expect(values.invalid).toMatchObject([{ key: 'shed', problem: 'warn 50, shed 40.' }]);
    values.apply([change('name', '', 3)], true);
    expect(values.invalid.map(({ key, problem }) => [key, problem])).toEqual([
      ['shed', 'warn 50, shed 40.'],
      ['name', 'The name is empty.'],
    ]);
    values.apply([change('name', 'x', 4)], true);
    expect(served(values, 'name')).toEqual(['x']);
  });

  it('are shown to rules as an object that may be walked, and not written', () => {
    const seen: unknown[] = [];
    const values = new SettingValues({
      settings: toSettings({ a: integer({ default: 1 }), b: integer() }),
      validate: (all: Record<string, unknown>) => {
        seen.push({ ...all }, Object.keys(all), 'b' in all, all['toString']);
        return Reflect.set(all, 'a', 2) || Reflect.deleteProperty(all, 'a') ? ['It was written.'] : [];
      },
      onInvalid: () => {},
    });
    expect(seen).toEqual([{ a: 1 }, ['a'], false, undefined]);
    values.apply([change('b', '2')], true);
    expect(seen.slice(4)).toEqual([{ a: 1, b: 2 }, ['a', 'b'], true, undefined]);
    expect(values.invalid).toEqual([]);
  });

  it('change where that leaves them no worse than they were', () => {
    let least = 0;
    const values = new SettingValues({
      settings: toSettings({ a: integer({ default: 1 }), b: integer({ default: 1 }) }),
      validate: ({ a, b }: { a: number; b: number }) => [a, b].filter((n) => n < least).map((n) => `${n} is too low.`),
      onInvalid: () => {},
    });
    least = 5;
    expect(values.toTexts([{ key: 'a', value: 6 }])).toHaveLength(1);
    values.apply([change('a', '6')], true);
    expect(served(values, 'a', 'b')).toEqual([6, 1]);
    values.apply([change('a', '2', 2)], true);
    expect(served(values, 'a')).toEqual([6]);
  });

  it('are taken as soon as what they waited for arrives, whatever else waits', () => {
    const { values } = open();
    values.apply([change('warn', '90')], true);
    values.apply([change('limit', '5', 2), change('shed', '10', 2)], true);
    expect(values.invalid.map(({ key }) => key)).toEqual(['warn', 'limit', 'shed']);
    values.apply([change('shed', '95', 4)], true);
    expect([served(values, 'warn', 'shed', 'limit'), values.invalid]).toEqual([[90, 95, 5], []]);
    const more = new SettingValues({
      settings: toSettings({ a: integer({ default: 1 }), b: integer({ default: 1 }), c: integer({ default: 1 }) }),
      validate: ({ a, b, c }: Record<string, number>) =>
        Number(a) <= Number(b) && Number(b) <= Number(c) ? [] : ['They must not fall.'],
      onInvalid: () => {},
    });
    more.apply([change('a', '5')], true);
    more.apply([change('b', '6', 2)], true);
    expect(served(more, 'a', 'b', 'c')).toEqual([1, 1, 1]);
    more.apply([change('b', '0', 3)], true);
    more.apply([change('c', '9', 4)], true);
    expect(served(more, 'a', 'b', 'c')).toEqual([1, 1, 9]);
    expect(more.apply([change('b', '7', 5)], true)).toHaveLength(2);
    expect(served(more, 'a', 'b', 'c')).toEqual([5, 7, 9]);
  });

  it('that wait are tried again with what is taken, though others among them never fit', () => {
    const values = new SettingValues({
      settings: toSettings({ a: integer({ default: 1 }), b: integer({ default: 2 }), c: integer({ default: 3 }) }),
      validate: [
        ({ a, b }: Record<string, number>) => (Number(a) < Number(b) ? [] : ['a must be below b.']),
        ({ c }: Record<string, number>) => (Number(c) < 10 ? [] : ['c must be below 10.']),
      ],
      onInvalid: () => {},
    });
    values.apply([change('c', '10')], true);
    values.apply([change('a', '5', 2)], true);
    expect(values.apply([change('b', '6', 3)], true)).toMatchObject([
      { key: 'b', value: 6 },
      { key: 'a', value: 5, previousValue: 1 },
    ]);
    expect(values.invalid.map(({ key }) => key)).toEqual(['c']);
  });

  it('are checked against each other only when all of them are there', () => {
    const values = new SettingValues({
      settings: toSettings({ a: integer(), b: text() }),
      validate: ({ b }: { b: string }) => (b.length > 1 ? [] : ['b is short.']),
      onInvalid: () => {},
    });
    values.apply([change('a', '1')], true);
    values.apply([change('b', 'x', 2)], true);
    expect(served(values, 'a', 'b')).toEqual([1, undefined]);
    values.apply([change('b', 'xx', 3)], true);
    expect(served(values, 'a', 'b')).toEqual([1, 'xx']);
  });

  it('change with their text where their validator makes what cannot be compared', () => {
    const settings = toSettings({
      big: schema((value) => BigInt(value)),
      all: schema((value) => new Set(value.split(','))),
      match: schema((value) => new RegExp(value)),
      limit: integer({ default: 1 }),
    });
    const values = new SettingValues({ settings, onInvalid: () => {} });
    values.apply([change('big', '1'), change('all', 'a'), change('match', 'a')], true);
    const changes = [change('big', '2', 2), change('all', 'b', 2), change('match', 'b', 2), change('limit', '5', 2)];
    expect(values.apply(changes, true).map(({ key, value }) => [key, value])).toEqual([
      ['big', 2n],
      ['all', new Set(['b'])],
      ['match', /b/],
      ['limit', 5],
    ]);
    expect(values.apply([change('all', 'b', 3)], true)).toEqual([]);
  });

  it('are stored as their canonical text, whatever a caller without types passes', () => {
    const settings = toSettings({ on: boolean(), limit: integer({ max: 9 }), shape: json(), sizes: list(integer()) });
    const values = new SettingValues({ settings, onInvalid: () => {} });
    const texts = (key: string, value: unknown): unknown => values.toTexts([{ key, value: value as string }]);
    expect(texts('on', 'Yes')).toEqual([{ key: 'on', value: 'true' }]);
    expect(texts('limit', ' 5 ')).toEqual([{ key: 'limit', value: '5' }]);
    expect(texts('sizes', ['1', ' 2'])).toEqual([{ key: 'sizes', value: '1,2' }]);
    expect(() => texts('shape', Number.NaN)).toThrow(
      'Invalid value for shape: it is not what json reads back from its text, "null".',
    );
    expect(() => texts('shape', { a: [1n] })).toThrow('it must be a value of json');
    expect(() => texts('shape', { at: new Date(0) })).toThrow('it is not what json reads back');
  });

  it('of a validator are set where it reads back what is written, and refused where it makes something else', () => {
    const settings = toSettings({
      big: schema((value) => BigInt(value)),
      length: schema((value) => value.length),
      all: schema((value) => new Set(value.split(','))),
      trimmed: schema((value) => value.trim()),
      at: schema((value) => validDate(JSON.parse(value) as string)),
    });
    const values = new SettingValues({ settings, onInvalid: () => {} });
    const texts = (key: string, value: unknown): unknown => values.toTexts([{ key, value: value as string }]);
    expect(texts('trimmed', ' a ')).toEqual([{ key: 'trimmed', value: 'a' }]);
    expect(texts('big', 12n)).toEqual([{ key: 'big', value: '12' }]);
    expect(texts('at', new Date(0))).toEqual([{ key: 'at', value: '"1970-01-01T00:00:00.000Z"' }]);
    expect(() => texts('length', 42)).toThrow('Invalid value for length: it is not what schema reads back');
    expect(() => texts('all', new Set(['a']))).toThrow('it is not what schema reads back');
  });

  it('outlive a restart, where the last good one is in a file', () => {
    const [first, second] = [open().values, open().values];
    const stored = [change('limit', 'many', 2), change('warn', '90', 3), change('shed', '70', 1)];
    first.apply([change('limit', '20'), change('shed', '70')], true);
    for (const one of stored) first.apply([one], true);
    expect([...first.lastGood]).toEqual([['limit', '20']]);
    second.resume(stored, first.lastGood);
    expect(served(second, 'limit', 'warn', 'shed')).toEqual([20, 50, 70]);
    expect(second.invalid.map(({ key, revision }) => [key, revision])).toEqual([
      ['warn', 3],
      ['limit', 2],
    ]);
  });

  it('outlive what nobody can read: it is refused, and what came with it is taken', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = { deep: Array.from({ length: 20_000 }).reduce<unknown>((inner) => [inner], cyclic) };
    const thrower = { ...json(), parse: () => raise('oops') };
    const makingDeep = { ...json(), parse: () => ({ ok: true as const, value: cyclic }) };
    const values = new SettingValues({
      settings: toSettings({ shape: json({ default: 1 }), thrower, makingDeep, limit: integer({ default: 1 }) }),
      onInvalid: () => {},
    });
    const changes = ['shape', 'thrower', 'makingDeep'].map((key) =>
      change(key, '['.repeat(20_000) + ']'.repeat(20_000)),
    );
    expect(values.apply([...changes, change('limit', '5')], true)).toMatchObject([{ key: 'limit', value: 5 }]);
    expect(values.invalid).toMatchObject([
      { key: 'shape', problem: 'The value of shape must not be nested deeper than 100 levels.' },
      { key: 'thrower', problem: 'The value of thrower cannot be read: oops.' },
      { key: 'makingDeep', problem: expect.stringContaining('cannot be read') },
    ]);
  });

  it('cannot be changed by whoever reads them', () => {
    const values = new SettingValues({
      settings: toSettings({ a: json({ default: { list: [1], deep: { b: 2 } } }) }),
      onInvalid: () => {},
    });
    const read = values.values.get('a') as { list: number[]; deep: { b: number } };
    expect(() => read.list.push(2)).toThrow(TypeError);
    expect(() => (read.deep.b = 3)).toThrow(TypeError);
  });
});
