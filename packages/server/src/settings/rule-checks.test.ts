import { describe, expect, it } from 'vitest';
import { settingOf } from '@mutt/dynamic-config';
import { checks } from './rule-checks.ts';

describe('a check by a JSON Schema', () => {
  const port = { type: 'object', properties: { port: { type: 'integer', maximum: 65_535 } }, required: ['port'] };

  it.each<[string, Record<string, unknown>, unknown, string | null]>([
    ['what it takes', port, { port: 25 }, null],
    ['what is missing', port, {}, "is not valid (must have required property 'port')"],
    ['what is wrong inside', port, { port: 70_000 }, 'is not valid (port: must be <= 65535)'],
    ['a pattern', { pattern: '^a+$' }, 'aab', 'is not valid (must match pattern "^a+$")'],
    ['another pattern', { pattern: '^[ab]+$' }, 'aab', null],
    ['a schema that makes no sense', { type: 'colour' }, 1, null],
    ['a schema that wants to wait', { $async: true, type: 'integer' }, 'x', null],
  ])('tells %s', (_, schema, value, problem) => {
    expect(checks.json(schema, value)).toBe(problem);
  });

  it('takes one schema after the other with the same id', () => {
    expect(checks.json({ $id: 'a', type: 'integer' }, 'x')).toContain('must be integer');
    expect(checks.json({ $id: 'a', type: 'string' }, 'x')).toBeNull();
  });

  it('compiles a schema once, however often it is read', () => {
    checks.json(structuredClone(port), {});
    const startedAt = performance.now();
    for (let n = 0; n < 2_000; n += 1) checks.json(structuredClone(port), {});
    // Compiled each time, it took ten seconds, and kept what it made.
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('a check by a pattern', () => {
  const takes = (rule: Record<string, unknown>, text: string): boolean =>
    settingOf({ type: 'text', rule, jsonSchema: {} }, checks).parse(text).ok;

  it.each<[string, Record<string, unknown>, string, boolean]>([
    ['the whole of a text', { pattern: 'a|b+' }, 'bb', true],
    ['a part of a text', { pattern: 'a|b+' }, 'xbb', false],
    ['a text in another case', { pattern: 'a+', flags: 'i' }, 'AA', true],
    ['a line of a text', { pattern: 'a', flags: 'm' }, 'b\na', false],
    ['escapes of JavaScript', { pattern: '\\u0061\\/[\\w-]+' }, 'a/b-c', true],
    ['what only its service can tell', { pattern: '(?!x).*' }, 'xyz', true],
  ])('is of %s', (_, rule, text, isTaken) => {
    expect(takes(rule, text)).toBe(isTaken);
  });

  it('comes to an end, whatever the pattern', () => {
    const text = `${'a'.repeat(50_000)}!`;
    const startedAt = performance.now();
    expect(takes({ pattern: '(a+)+' }, text)).toBe(false);
    expect(checks.json({ pattern: '^(a|a)*$' }, text)).toContain('must match pattern');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
