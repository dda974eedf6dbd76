import { describe, expect, it } from 'vitest';
import { cell, codeCell, markdownTable } from './markdown.ts';

describe('Markdown', () => {
  it('has tables', () => {
    expect(markdownTable(['A', 'B'], [['1', '']])).toEqual(['| A | B |', '| --- | --- |', '| 1 |  |']);
  });

  it.each([
    ['a | b', 'a \\| b'],
    ['a \\| b \\*', 'a \\\\\\| b \\*'],
    ['two\n  lines', 'two lines'],
    ['<script>', '&lt;script>'],
    ['\u001b[31m', '\\u{1b}[31m'],
  ])('has cells that hold %j', (text, shown) => {
    expect(cell(text)).toBe(shown);
  });

  it.each([
    ['a_b*', '`a_b*`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['a|b', '`a\\|b`'],
  ])('shows %j as it is', (text, shown) => {
    expect(codeCell(text)).toBe(shown);
  });
});
