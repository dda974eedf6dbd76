import { describe, expect, it } from 'vitest';
import { tableLines, type Column } from './table.ts';
import { displayWidth } from './terminal-text.ts';

const COLUMNS: readonly Column[] = [
  { header: 'KEY', minWidth: 8 },
  { header: 'VALUE', minWidth: 8 },
  { header: 'REVISION', align: 'right', optional: true },
];
const ROWS = [
  ['cache_reload_interval', '300', '7'],
  ['banner', 'Maintenance on Sunday, from 02:00 to 04:00 UTC', '12'],
];

describe('tableLines', () => {
  it('aligns the columns', () => {
    expect(tableLines(COLUMNS, ROWS, Infinity)).toEqual([
      'KEY                    VALUE                                           REVISION',
      'cache_reload_interval  300                                                    7',
      'banner                 Maintenance on Sunday, from 02:00 to 04:00 UTC        12',
    ]);
  });

  it('cuts the widest column first', () => {
    expect(tableLines(COLUMNS, ROWS, 56)).toEqual([
      'KEY                    VALUE                    REVISION',
      'cache_reload_interval  300                             7',
      'banner                 Maintenance on Sunday,…        12',
    ]);
  });

  it('leaves out what is optional when nothing can shrink any more', () => {
    expect(tableLines(COLUMNS, ROWS, 20)).toEqual(['KEY        VALUE', 'cache_re…  300', 'banner     Maintena…']);
  });

  it.each([120, 79, 40, 20])('fits %i columns', (width) => {
    for (const line of tableLines(COLUMNS, ROWS, width)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
  });
});
