import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonProblem } from './json-problem.ts';

describe('jsonProblem', () => {
  it.each([
    ['{"a": 1,}', 1, 9, 'a name in double quotes'],
    ['{\n  "a" 1\n}', 2, 7, 'a colon'],
    ['[1 2]', 1, 4, 'a comma or ]'],
    ['[1,]', 1, 4, 'a value'],
    ['{"a": "x\ny"}', 1, 7, 'the end of this text'],
    ['', 1, 1, 'the text ends'],
    ['{"a": 1} x', 1, 10, 'the end of the JSON'],
    ["{'a': 1}", 1, 2, 'a name in double quotes'],
  ])('says where %j stops being JSON', (text, line, column, message) => {
    expect(jsonProblem(text)).toMatchObject({ line, column, message: expect.stringContaining(message) as string });
  });

  it('finds nothing wrong with JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2), (json, indent) => {
        expect(jsonProblem(JSON.stringify(JSON.parse(json), null, indent))).toBeNull();
      }),
    );
  });

  it('finds nothing wrong with a text of many megabytes', () => {
    expect(jsonProblem(JSON.stringify({ a: 'x'.repeat(16 * 1024 * 1024) }))).toBeNull();
  });

  it('agrees with JSON.parse about what is none', () => {
    const pieces = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', 'true', ' ', '01', '"', '\\'));
    fc.assert(
      fc.property(pieces, (some) => {
        const text = some.join('');
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(jsonProblem(text) === null).toBe(isJson);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not run out of stack', () => {
    expect(jsonProblem('['.repeat(500_000))).toMatchObject({ column: 500_001 });
  });
});
