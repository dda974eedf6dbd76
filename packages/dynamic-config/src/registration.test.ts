import { describe, expect, it } from 'vitest';
import { decodeRegistrations, toRegistration } from './registration.ts';

function registration(description: object): object {
  return { service: 'forwarder', version: '1.0', settings: { key: description } };
}

describe('a registration', () => {
  it.each<[string, object, string]>([
    ['words that are none', { type: 'oneOf', rule: { words: 'abc' } }, 'A oneOf needs words: texts, at least one.'],
    ['no words', { type: 'oneOf', rule: {} }, 'A oneOf needs words: texts, at least one.'],
    [
      'a bound that is no number',
      { type: 'integer', rule: { min: 'abc' } },
      'The min of this integer must be a number.',
    ],
    ['a pattern that is none', { type: 'text', rule: { pattern: '(' } }, 'Invalid regular expression'],
    ['a pattern that is no text', { type: 'text', rule: { pattern: 5 } }, 'The pattern of this text must be a text.'],
    [
      'flags that are none',
      { type: 'text', rule: { pattern: 'a', flags: [] } },
      'The flags of this text must be a text.',
    ],
    ['an unknown unit', { type: 'duration', rule: { bareUnit: 5 } }, 'must be one of ms, s, m, h, d.'],
    ['a list of nothing', { type: 'list', rule: {} }, 'A list needs an item.'],
    ['a list of what makes no sense', { type: 'list', rule: { item: { type: 'integer', rule: { min: '' } } } }, 'min'],
  ])('with %s is refused with a sentence', (_, description, problem) => {
    const read = (): unknown => toRegistration(registration(description));
    expect(read).toThrow('The rule of key makes no sense: ');
    expect(read).toThrow(problem);
  });

  it('nested beyond measure is refused, too', () => {
    let deep: object = {};
    for (let level = 0; level < 5_000; level += 1) deep = { deep };
    expect(() => toRegistration(registration({ type: 'json', json_schema: deep }))).toThrow('nested deeper');
    let item: object = { type: 'text', rule: {} };
    for (let level = 0; level < 5_000; level += 1) item = { type: 'list', rule: { item } };
    expect(() => toRegistration(registration(item))).toThrow('nested deeper');
  });

  it('of a type that is not known here may come from a later version, and is taken', () => {
    expect(toRegistration(registration({ type: 'colour', rule: { words: 'abc' } })).settings['key']?.type).toBe(
      'colour',
    );
  });

  it('is read once, however often it is looked for', () => {
    const stored = [{ text: JSON.stringify(registration({ type: 'text' })), registeredAtMs: 0, seenAtMs: 0 }];
    const [first, second] = [decodeRegistrations(0, stored), decodeRegistrations(1, stored)];
    expect(first.registrations[0]?.settings).toBe(second.registrations[0]?.settings);
  });

  it('that makes no sense is still read from the store: it may say that a key is secret', () => {
    const text = JSON.stringify(registration({ type: 'secret', rule: { pattern: '(' }, secret: true }));
    const { registrations } = decodeRegistrations(0, [{ text, registeredAtMs: 0, seenAtMs: 0 }]);
    expect(registrations[0]?.settings['key']).toMatchObject({ isSecret: true });
  });
});
