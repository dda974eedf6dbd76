import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeenRegistration } from '../store.ts';
import { boolean } from './boolean.ts';
import { toSettings } from './declaration.ts';
import { describeSetting, settingOf } from './description.ts';
import { json } from './json.ts';
import { list } from './list.ts';
import { integer, number } from './number.ts';
import { oneOf } from './one-of.ts';
import { bytes, duration } from './quantity.ts';
import type { Setting } from './setting.ts';
import { SettingsRegistry } from './settings-registry.ts';
import { secret, text } from './text.ts';

const NOW_MS = 1_000_000_000;
const HOUR_MS = 3_600_000;

function registered(
  service: string,
  version: string,
  settings: Record<string, Setting<unknown>>,
  { registeredAtMs = NOW_MS, seenAtMs = NOW_MS } = {},
): SeenRegistration {
  const described = Object.entries(settings).map(([key, setting]) => [key, describeSetting(setting)] as const);
  return { service, version, settings: Object.fromEntries(described), registeredAtMs, seenAtMs };
}

function registry(...registrations: SeenRegistration[]): SettingsRegistry {
  return new SettingsRegistry({ nowMs: NOW_MS, registrations });
}

describe('a setting made again from its description', () => {
  it.each<[string, Setting<unknown>]>([
    ['integer', integer({ min: -5, max: 100 })],
    ['number', number({ min: 0.5 })],
    ['boolean', boolean()],
    ['text', text({ minLength: 2, maxLength: 5, pattern: /[a-c]+/i })],
    ['secret', secret({ minLength: 3 })],
    ['oneOf', oneOf(['1', 'true', 'abc'])],
    ['duration', duration({ max: 60_000, bareUnit: 's' })],
    ['bytes', bytes({ min: 10 })],
    ['list', list(integer({ max: 9 }), { minItems: 1, maxItems: 3 })],
    ['json', json()],
  ])('of type %s takes what it takes, and nothing else', (_, setting) => {
    const again = settingOf(JSON.parse(JSON.stringify(describeSetting(setting))));
    const texts = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.constantFrom('true', '1', 'abc', 'ABC', '30s', '64MB', '1,2,3', '[]', '{"a":1}', '', '0.5', '-5'),
    );
    fc.assert(
      fc.property(texts, (one) => {
        expect(again.parse(one)).toEqual(setting.parse(one));
      }),
    );
  });

  it('does not tell a secret default', () => {
    expect(describeSetting(secret({ default: 'hunter2' })).default).toBeNull();
    expect(describeSetting(integer({ default: 5 })).default).toBe('5');
  });

  it('tells no default that cannot be written', () => {
    const validate = (value: unknown): { value: Set<unknown> } => ({ value: new Set([value]) });
    const settings = toSettings({ all: { '~standard': { version: 1, vendor: 'test', validate } } });
    expect(describeSetting(settings.get('all') as Setting<unknown>).default).toBeNull();
  });
});

describe('what writers are held to', () => {
  it('is what a service declares', () => {
    const all = registry(registered('forwarder', '2.0', { limit: integer({ min: 1, max: 100 }) }));
    expect(all.problemWith('limit', '50')).toBeNull();
    expect(all.problemWith('limit', '101')).toBe('The value of limit must be at most 100 (declared by forwarder 2.0).');
    expect(all.problemWith('other', 'x')).toBeNull();
  });

  it('is what all services and versions declare that run, where a value suits all', () => {
    const all = registry(
      registered('forwarder', '1.0', { limit: integer({ min: 1, max: 100 }) }),
      registered('forwarder', '2.0', { limit: integer({ min: 10, max: 500 }) }),
      registered('alerter', '1.0', { limit: number() }),
    );
    expect(all.get('limit')?.conflict).toBeNull();
    expect(all.problemWith('limit', '5')).toContain('at least 10 (declared by forwarder 2.0)');
    expect(all.problemWith('limit', '200')).toContain('at most 100 (declared by forwarder 1.0)');
    expect(all.problemWith('limit', '50')).toBeNull();
  });

  it('is what the newest declares, where no value suits all; and both are named', () => {
    const all = registry(
      registered('forwarder', '1.0', { limit: integer({ max: 10 }) }, { registeredAtMs: NOW_MS - 1 }),
      registered('forwarder', '2.0', { limit: integer({ min: 20 }) }),
    );
    expect(all.problemWith('limit', '30')).toBeNull();
    expect(all.problemWith('limit', '5')).toContain('at least 20');
    expect(all.get('limit')?.conflict).toBe(
      'No value suits both forwarder 2.0 (integer {"min":20}) and forwarder 1.0 (integer {"max":10}). Writers are held to the former.',
    );
  });

  it('is no longer what a version declares that has not run for a while, unless it is the latest of its service', () => {
    const all = registry(
      registered('forwarder', '1.0', { limit: integer({ max: 10 }) }, { seenAtMs: NOW_MS - HOUR_MS }),
      registered('forwarder', '2.0', { limit: integer({ max: 50 }) }),
      registered('alerter', '1.0', { mode: oneOf(['a', 'b']) }, { seenAtMs: NOW_MS - 24 * HOUR_MS }),
    );
    expect(all.problemWith('limit', '30')).toBeNull();
    expect(all.problemWith('mode', 'c')).toContain('must be one of a, b');
    expect(all.settings.map(({ key }) => key)).toEqual(['limit', 'mode']);
  });

  it.each<[string, Setting<unknown>, Setting<unknown>, boolean]>([
    ['numbers that overlap', integer({ max: 10 }), number({ min: 9.5 }), true],
    ['numbers that share no whole one', integer({ max: 9 }), number({ min: 9.5 }), false],
    ['words in common', oneOf(['a', 'b']), oneOf(['b', 'c']), true],
    ['no words in common', oneOf(['a', 'b']), oneOf(['c']), false],
    ['a word that is a text of that length', oneOf(['abc', 'd']), text({ minLength: 2 }), true],
    ['no word that is a text of that length', oneOf(['a', 'd']), text({ minLength: 2 }), false],
    ['a word that is a number', oneOf(['10', 'all']), integer(), true],
    ['lengths that overlap', text({ maxLength: 5 }), secret({ minLength: 5 }), true],
    ['lengths that do not', text({ maxLength: 4 }), text({ minLength: 5 }), false],
    ['a number and a switch, of 0 and 1', integer(), boolean(), true],
    ['a number from 2 and a switch', integer({ min: 2 }), boolean(), false],
    ['a number and a time of bare seconds', integer({ min: 1 }), duration({ bareUnit: 's' }), true],
    [
      'a number and a time of bare seconds, within bounds',
      integer({ max: 59 }),
      duration({ bareUnit: 's', min: 59_000 }),
      true,
    ],
    [
      'a number and a time of bare seconds, out of bounds',
      integer({ max: 58 }),
      duration({ bareUnit: 's', min: 59_000 }),
      false,
    ],
    ['a number and a list of numbers', integer(), list(integer()), true],
    ['a word that is a time', oneOf(['5m', 'never']), duration(), true],
    ['a time and a size', duration(), bytes(), false],
    ['a time and a size of bare units', duration({ bareUnit: 's' }), bytes({ bareUnit: 'B' }), true],
    ['times that do not overlap', duration({ max: 1_000 }), duration({ min: 2_000 }), false],
    ['a text and a number', text(), integer(), true],
    ['lists of numbers', list(integer()), list(number()), true],
    ['lists of which one is too short', list(text(), { maxItems: 1 }), list(text(), { minItems: 2 }), false],
    ['lists of different things', list(integer({ min: 2 }), { minItems: 1 }), list(boolean()), false],
    ['JSON, whatever it is', json(), integer(), true],
  ])('counts both declarations or names a conflict: %s', (_, one, other, isSatisfiable) => {
    const all = registry(registered('a', '1', { key: one }), registered('b', '1', { key: other }));
    expect(all.get('key')?.conflict === null).toBe(isSatisfiable);
  });

  it('is secret when any of them says so', () => {
    const all = registry(
      registered('forwarder', '1.0', { token: text({ default: 'changeme' }) }),
      registered('forwarder', '0.9', { token: secret() }, { registeredAtMs: NOW_MS - 1 }),
    );
    expect(all.get('token')?.description).toMatchObject({ type: 'text', isSecret: true, default: null });
  });

  it('comes with notices', () => {
    const old = integer({ deprecated: 'use moog_rate_limit', requiresRestart: true });
    const all = registry(registered('forwarder', '1.0', { rate: old, moog_rate_limit: integer() }));
    expect(all.noticesOn('rate')).toEqual([
      'rate is deprecated: use moog_rate_limit',
      'rate takes effect after a restart of its services.',
    ]);
    expect(all.noticesOn('moog_rate_limit')).toEqual([]);
    expect([all.unknownKey('rate'), all.unknownKey('other')]).toEqual([null, 'No service declares the key other.']);
    expect(registry().unknownKey('other')).toBeNull();
  });

  it('is written in one way, where that suits all', () => {
    const all = registry(
      registered('forwarder', '1.0', { on: boolean(), limit: integer(), shape: json(), clash: boolean() }),
      registered('alerter', '1.0', { clash: oneOf(['Yes', 'No']) }),
    );
    expect(all.canonical('on', 'Yes')).toBe('true');
    expect(all.canonical('limit', ' 5 ')).toBe('5');
    expect(all.canonical('limit', 'many')).toBe('many');
    expect(all.canonical('shape', '{ "big": 12345678901234567890 }')).toBe('{ "big": 12345678901234567890 }');
    expect(all.canonical('clash', 'Yes')).toBe('Yes');
    expect(all.canonical('other', ' 5 ')).toBe(' 5 ');
  });

  it('is nothing where a declaration makes no sense: it is told, and a secret stays one', () => {
    const strange = { ...describeSetting(integer()), type: 'colour' };
    const broken = { ...describeSetting(secret()), rule: { pattern: '(' } };
    const wordless = { ...describeSetting(integer()), type: 'oneOf', rule: { words: 'abc' } };
    const unbounded = { ...describeSetting(integer()), rule: { min: 'abc' } };
    const all = registry(
      {
        ...registered('a', '1', {}),
        settings: { strange, broken, wordless, unbounded, fine: describeSetting(integer()) },
      },
      registered('b', '1', { wordless: oneOf(['a']) }),
    );
    expect(all.settings.map(({ key }) => key)).toEqual(['broken', 'fine', 'strange', 'unbounded', 'wordless']);
    expect(all.problemWith('strange', 'x')).toBeNull();
    expect(all.problemWith('unbounded', 'x')).toBeNull();
    expect(all.problemWith('wordless', 'x')).toContain('must be one of a');
    expect([...all.secretKeys]).toEqual(['broken']);
  });

  it('keeps a secret one that only a version declares that no longer counts', () => {
    const all = registry(
      registered('forwarder', '1.0', { token: secret() }, { seenAtMs: NOW_MS - HOUR_MS }),
      registered('forwarder', '2.0', { limit: integer() }),
      registered('alerter', '1.0', { token: text({ default: 'changeme' }) }),
    );
    expect([...all.secretKeys]).toEqual(['token']);
    expect(all.get('token')?.description).toMatchObject({ isSecret: true, default: null });
    expect(all.problemWith('token', '')).toBeNull();
  });

  it('is known to be the same while nobody declares anything else', () => {
    const [old, other] = [registered('forwarder', '1.0', { limit: integer() }), registered('alerter', '1.0', {})];
    const all = registry(old, other);
    const later = { nowMs: NOW_MS + 1, registrations: [{ ...old, seenAtMs: NOW_MS + 1 }, other] };
    expect(all.isOf(later)).toBe(true);
    expect(all.isOf({ nowMs: NOW_MS, registrations: [old] })).toBe(false);
    expect(all.isOf({ ...later, registrations: [{ ...old, settings: {} }, other] })).toBe(false);
    const newer = registered('forwarder', '1.1', {});
    const [running, gone] = [registry(old, newer), { ...old, seenAtMs: NOW_MS - HOUR_MS }];
    expect(running.isOf({ nowMs: NOW_MS, registrations: [gone, newer] })).toBe(false);
  });

  it('is read of 200 versions that declare the same in no time', () => {
    const settings = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`k${n}`, integer({ min: n })] as const),
    );
    const one = registered('forwarder', '0', settings);
    const registrations = Array.from({ length: 200 }, (_, n) => ({ ...one, version: `${n}` }));
    registrations.push(registered('other', '1', { k1: integer({ min: 1 }) }));
    const startedAt = performance.now();
    const all = registry(...registrations);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(all.get('k1')?.declaredBy).toHaveLength(201);
    expect(all.problemWith('k1', '0')).toContain('at least 1');
  });
});
