import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { boolean } from './boolean.ts';
import { json } from './json.ts';
import { list } from './list.ts';
import { integer, number } from './number.ts';
import { oneOf } from './one-of.ts';
import { bytes, duration } from './quantity.ts';
import { toSettings } from './declaration.ts';
import type { ValueOf } from './declaration.ts';
import type { Setting } from './setting.ts';
import type { StandardSchema } from './standard-schema.ts';
import { secret, text } from './text.ts';

/** What a text means, or the problem with it. */
function read(setting: Setting<unknown>, stored: string): unknown {
  const parsed = setting.parse(stored);
  return parsed.ok ? parsed.value : parsed.problem;
}

const TOO_DEEP = 'must not be nested deeper than 100 levels';

/** Arrays in arrays, as JSON. */
function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** A validator of somebody else's. */
function validator(validate: StandardSchema<number>['~standard']['validate']): StandardSchema<number> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

describe('a text', () => {
  it.each<[string, Setting<unknown>, string, unknown]>([
    ['integer', integer(), '42', 42],
    ['integer', integer(), ' -7 ', -7],
    ['integer', integer(), '+5', 5],
    ['integer', integer(), '-0', 0],
    ['integer', integer(), '1.0', 'must be a whole number'],
    ['integer', integer(), '', 'must be a whole number'],
    ['integer', integer(), '0x10', 'must be a whole number'],
    ['integer', integer(), '9007199254740993', 'must be a whole number'],
    ['integer', integer({ min: 1, max: 10_000 }), '0', 'must be at least 1'],
    ['integer', integer({ min: 1, max: 10_000 }), '10001', 'must be at most 10000'],
    ['number', number(), '0.5', 0.5],
    ['number', number(), '1e3', 1000],
    ['number', number(), '.5', 0.5],
    ['number', number(), 'NaN', 'must be a number'],
    ['number', number(), 'Infinity', 'must be a number'],
    ['number', number(), '1e999', 'must be a number'],
    ['number', number({ max: 1 }), '1.01', 'must be at most 1'],
    ...['true', 'TRUE', 'True', '1', 'yes', 'on', ' On '].map((word): [string, Setting<unknown>, string, unknown] => [
      'boolean',
      boolean(),
      word,
      true,
    ]),
    ...['false', 'False', '0', 'no', 'off'].map((word): [string, Setting<unknown>, string, unknown] => [
      'boolean',
      boolean(),
      word,
      false,
    ]),
    ['boolean', boolean(), '', 'must be true or false (or 1/0, yes/no, on/off)'],
    ['boolean', boolean(), 'constructor', 'must be true or false (or 1/0, yes/no, on/off)'],
    ['text', text(), ' kept as it is ', ' kept as it is '],
    ['text', text({ minLength: 2 }), 'a', 'must have at least 2 characters'],
    ['text', text({ maxLength: 2 }), 'abc', 'must have at most 2 characters'],
    ['text', text({ pattern: /a|b+/ }), 'bb', 'bb'],
    ['text', text({ pattern: /a|b+/g }), 'xbb', 'must match /a|b+/g'],
    ['oneOf', oneOf(['dlq', 'defer']), ' defer ', 'defer'],
    ['oneOf', oneOf(['dlq', 'defer']), 'drop', 'must be one of dlq, defer'],
    ['duration', duration(), '250ms', 250],
    ['duration', duration(), '30s', 30_000],
    ['duration', duration(), '1h30m', 5_400_000],
    ['duration', duration(), '1.5 s', 1_500],
    ['duration', duration(), '2D', 172_800_000],
    ['duration', duration(), '300', 'must be a time span like 30s, 5m or 1h30m'],
    ['duration', duration({ bareUnit: 's' }), '300', 300_000],
    ['duration', duration(), '5 parsecs', 'must be a time span like 30s, 5m or 1h30m'],
    ['duration', duration(), '-5s', 'must be a time span like 30s, 5m or 1h30m'],
    ['duration', duration(), '0.0001ms', 'must be a time span like 30s, 5m or 1h30m'],
    ['duration', duration({ min: 1_000 }), '10ms', 'must be at least 1s'],
    ['bytes', bytes(), '64MB', 64_000_000],
    ['bytes', bytes(), '512 KiB', 524_288],
    ['bytes', bytes({ max: 1e6 }), '2MB', 'must be at most 1MB'],
    ['list', list(text()), '', []],
    ['list', list(text()), 'a, b ,c', ['a', 'b', 'c']],
    ['list', list(text()), '["a,b"]', ['a,b']],
    ['list', list(integer()), '[1, "2"]', [1, 2]],
    ['list', list(integer()), '1,x', 'has an item that is refused: item 2 must be a whole number'],
    ['list', list(text()), '[1', 'must be a list like a, b, c, or a JSON array of texts'],
    ['list', list(text(), { minItems: 1 }), '', 'must have at least 1 items'],
    ['json', json(), '{"a":[1,null]}', { a: [1, null] }],
    ['json', json(), '{a:1}', 'must be JSON'],
    ['json', json(), nested(100), expect.any(Array)],
    ['json', json(), nested(101), TOO_DEEP],
    ['json', json(), nested(200_000), TOO_DEEP],
    ['list', list(list(text())), nested(200_000), TOO_DEEP],
  ])('of %s (%#): %s', (_, setting, stored, meaning) => {
    expect(read(setting, stored)).toEqual(meaning);
  });

  it('is what a validator of any library makes of its JSON', () => {
    expect(read(json(validator((value) => ({ value: Number(value) + 1 }))), '1')).toBe(2);
    const refusing = validator(() => ({
      issues: [{ message: 'too old', path: ['a', { key: 0 }] }, { message: 'no' }],
    }));
    expect(read(json(refusing), '1')).toBe('is not valid (a.0: too old; no)');
  });

  it('is refused by a validator that throws, or that wants to wait', () => {
    const throwing = validator(() => {
      throw new Error('oops');
    });
    expect(read(json(throwing), '1')).toBe('has a validator that failed: oops');
    expect(read(json(validator(async () => ({ value: 1 }))), '1')).toContain('waits for something');
    // oxlint-disable-next-line unicorn/no-thenable -- of a library with promises of its own
    const thenable = { then: () => {}, value: undefined };
    expect(read(json(validator(() => thenable as never)), '1')).toContain('waits for something');
    expect(read(json(validator(() => null as never)), '1')).toContain('has a validator that failed');
  });
});

describe('a setting', () => {
  it('carries what it says of itself', () => {
    const setting = integer({ min: 1, default: 5, description: 'How many', unit: 'alerts/s', requiresRestart: true });
    expect(setting).toMatchObject({
      type: 'integer',
      isSecret: false,
      default: 5,
      description: 'How many',
      unit: 'alerts/s',
      requiresRestart: true,
      jsonSchema: { type: 'integer', minimum: 1 },
    });
    expect(secret().isSecret).toBe(true);
    expect(list(secret()).isSecret).toBe(true);
  });

  it('is refused with a default that it would refuse itself', () => {
    expect(() => integer({ max: 1, default: 2 })).toThrow('The default of this integer must be at most 1.');
    expect(() => oneOf(['a'], { default: 'b' as 'a' })).toThrow('must be one of a');
    expect(() => duration({ bareUnit: 'weeks' })).toThrow('must be one of ms, s, m, h, d');
  });

  it.each<[string, () => Setting<unknown>, string]>([
    ['integer', () => integer({ min: Number.NaN }), 'The min of this integer must be a number.'],
    ['integer', () => integer({ max: '5' as never }), 'The max of this integer must be a number.'],
    ['integer', () => integer({ min: Infinity }), 'The min of this integer must be a number.'],
    ['integer', () => integer({ min: 5, max: 1 }), 'The min of this integer, 5, is above its max, 1.'],
    ['number', () => number({ min: 5, max: 1 }), 'The min of this number, 5, is above its max, 1.'],
    ['text', () => text({ minLength: 5, maxLength: 1 }), 'The minLength of this text, 5, is above its maxLength, 1.'],
    ['secret', () => secret({ maxLength: Number.NaN }), 'The maxLength of this secret must be a number.'],
    [
      'list',
      () => list(text(), { minItems: 5, maxItems: 1 }),
      'The minItems of this list, 5, is above its maxItems, 1.',
    ],
    ['duration', () => duration({ min: 5, max: 1 }), 'The min of this duration, 5, is above its max, 1.'],
    ['bytes', () => bytes({ max: Number.NaN }), 'The max of this bytes must be a number.'],
    ['oneOf', () => oneOf([] as never), 'A oneOf needs words: texts, at least one.'],
    ['oneOf', () => oneOf('abc' as never), 'A oneOf needs words: texts, at least one.'],
  ])('is refused with options that make no sense: %s (%#)', (_, make, problem) => {
    expect(make).toThrow(new TypeError(problem));
  });

  it('has no bound where that is infinite', () => {
    const setting = integer({ min: -Infinity, max: Infinity });
    expect([setting.rule, setting.jsonSchema]).toEqual([{}, { type: 'integer' }]);
    expect(list(text(), { maxItems: Infinity }).rule).not.toHaveProperty('maxItems');
  });

  it('knows the type of its values', () => {
    expectTypeOf(integer()).toEqualTypeOf<Setting<number>>();
    expectTypeOf(number({ min: 0.5 })).toEqualTypeOf<Setting<number>>();
    expectTypeOf(boolean()).toEqualTypeOf<Setting<boolean>>();
    expectTypeOf(text({ default: 'a' })).toEqualTypeOf<Setting<string>>();
    expectTypeOf(secret()).toEqualTypeOf<Setting<string>>();
    expectTypeOf(duration({ bareUnit: 's' })).toEqualTypeOf<Setting<number>>();
    expectTypeOf(bytes()).toEqualTypeOf<Setting<number>>();
    expectTypeOf(json()).toEqualTypeOf<Setting<unknown>>();
    expectTypeOf(list(oneOf(['a', 'b']))).toEqualTypeOf<Setting<readonly ('a' | 'b')[]>>();
    expectTypeOf<ValueOf<StandardSchema<Date>>>().toEqualTypeOf<Date>();
    expectTypeOf(oneOf(['dlq', 'defer'])).toEqualTypeOf<Setting<'dlq' | 'defer'>>();
    expectTypeOf(list(integer())).toEqualTypeOf<Setting<readonly number[]>>();
    expectTypeOf(json({} as StandardSchema<{ port: number }>)).toEqualTypeOf<Setting<{ port: number }>>();
  });

  const anything = validator((value) => ({ value: value as number }));
  const wholeNumber = validator((value) =>
    Number.isInteger(value) ? { value: value as number } : { issues: [{ message: 'no whole number' }] },
  );
  const schemaSetting = toSettings({ one: wholeNumber }).get('one') as Setting<unknown>;
  const double = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
  const plainJson = fc.json().map((stored) => JSON.parse(stored.replaceAll('-0', '0')) as unknown);
  const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  it.each<[string, Setting<never>, fc.Arbitrary<unknown>]>([
    ['integer', integer() as Setting<never>, fc.maxSafeInteger()],
    ['number', number() as Setting<never>, double],
    ['boolean', boolean() as Setting<never>, fc.boolean()],
    ['text', text() as Setting<never>, fc.string({ unit: 'binary' })],
    ['oneOf', oneOf(['a', 'b c', ' d']) as Setting<never>, fc.constantFrom('a', 'b c', ' d')],
    ['duration', duration() as Setting<never>, count],
    ['bytes', bytes() as Setting<never>, count],
    ['list of texts', list(text()) as Setting<never>, fc.array(fc.string({ unit: 'binary' }))],
    ['list of integers', list(integer()) as Setting<never>, fc.array(fc.maxSafeInteger())],
    ['list of lists', list(list(text())) as Setting<never>, fc.array(fc.array(fc.string()))],
    ['secret', secret() as Setting<never>, fc.string({ unit: 'binary' })],
    ['integer within bounds', integer({ min: -5, max: 5 }) as Setting<never>, fc.integer({ min: -5, max: 5 })],
    ['text of a pattern', text({ pattern: /[ab]+/ }) as Setting<never>, fc.stringMatching(/^[ab]+$/)],
    ['duration of bare seconds', duration({ bareUnit: 's' }) as Setting<never>, count],
    ['bytes of bare MB', bytes({ bareUnit: 'MB' }) as Setting<never>, count],
    ['list of numbers', list(number()) as Setting<never>, fc.array(double)],
    ['list of booleans', list(boolean()) as Setting<never>, fc.array(fc.boolean())],
    ['list of words', list(oneOf(['a', 'b,c'])) as Setting<never>, fc.array(fc.constantFrom('a', 'b,c'))],
    ['list of durations', list(duration()) as Setting<never>, fc.array(count)],
    ['list of bytes', list(bytes()) as Setting<never>, fc.array(count)],
    ['list of secrets', list(secret()) as Setting<never>, fc.array(fc.string())],
    ['list of JSON', list(json()) as Setting<never>, fc.array(plainJson)],
    ['json of a schema', json(anything) as Setting<never>, plainJson],
    ['a validator', schemaSetting as Setting<never>, fc.integer()],
    ['json', json() as Setting<never>, fc.json().map((stored) => JSON.parse(stored.replaceAll('-0', '0')) as unknown)],
  ])('reads back what it writes: %s', (_, setting, values) => {
    fc.assert(
      fc.property(values, (value) => {
        expect(read(setting, setting.format(value as never))).toEqual(value);
      }),
    );
  });

  it.each<[Setting<number>, number, string]>([
    [duration({ bareUnit: 's' }), 300_000, '300'],
    [duration({ bareUnit: 's' }), 1_500, '1500ms'],
    [duration(), 300_000, '5m'],
    [bytes({ bareUnit: 'MB' }), 64_000_000, '64'],
    [bytes({ bareUnit: 'MB' }), 1_024, '1KiB'],
  ])('is written as peers from before units read it (%#)', (setting, value, stored) => {
    expect([setting.format(value), read(setting, stored)]).toEqual([stored, value]);
  });

  it.each([
    [duration(), ['5m', ' 1h 30m', '1.5 S', '250ms'], ['300', 'x', '5 parsecs', '']],
    [duration({ bareUnit: 's' }), ['300', '5m'], ['x']],
    [bytes(), ['64MB', '512 kib'], ['64']],
    [text({ pattern: /a+/i }), ['AA'], []],
  ] as [Setting<unknown>, string[], string[]][])('says as JSON Schema what it takes (%#)', (setting, good, bad) => {
    const { pattern = '' } = setting.jsonSchema as { pattern?: string };
    for (const one of good)
      expect([one, new RegExp(pattern, 'u').test(one), setting.parse(one).ok]).toEqual([one, true, true]);
    for (const one of bad)
      expect([one, new RegExp(pattern, 'u').test(one), setting.parse(one).ok]).toEqual([one, false, false]);
  });

  it('never throws, whatever the text', () => {
    const simple = [integer(), number({ min: 0 }), boolean(), text({ pattern: /a/ }), secret({ minLength: 2 })];
    const others = [oneOf(['a']), duration({ bareUnit: 's' }), bytes(), json(), json(anything), schemaSetting];
    const all: Setting<unknown>[] = [...simple, ...others] as Setting<unknown>[];
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (stored) => {
        for (const setting of [...all, ...all.map((item) => list(item))]) {
          expect(typeof setting.parse(stored).ok).toBe('boolean');
        }
      }),
    );
  });
});
