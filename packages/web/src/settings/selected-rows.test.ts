import { describe, expect, it } from 'vitest';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { Rows } from './rows.ts';
import { exportable, removalLabel, removals } from './selected-rows.ts';

const entry = (key: string, value: string, masked = false): [string, ListedEntry] => [
  key,
  { key, value, revision: 7, changed_at: null, changed_by: null, invalid: null, masked },
];
const setting = (key: string, text: string | null, secret = false): [string, DeclaredSetting] => [
  key,
  {
    key,
    type: secret ? 'secret' : 'text',
    rule: {},
    json_schema: {},
    default: text,
    description: null,
    unit: null,
    deprecated: null,
    requires_restart: false,
    secret,
    declared_by: [],
    conflict: null,
  },
];
const rows = new Rows().of(
  new Map([entry('greeting', 'hello'), entry('rate', '5'), entry('token', '••••••', true)]),
  new Map([setting('rate', '1'), setting('token', null, true), setting('unset', '3')]),
);
const rowsOf = (...keys: string[]) => rows.filter(({ key }) => keys.includes(key));

describe('selected rows', () => {
  it('are written to a file without secrets and defaults', () => {
    const { values, left } = exportable(rows);
    expect([...values]).toEqual([
      ['greeting', 'hello'],
      ['rate', '5'],
    ]);
    expect(left).toBe(2);
  });

  it('lose their values by changes that somebody else may overtake', () => {
    expect(removals(rows)).toEqual([
      { key: 'greeting', value: null, baseValue: 'hello', baseRevision: 7, isSecret: false },
      { key: 'rate', value: null, baseValue: '5', baseRevision: 7, isSecret: false },
      { key: 'token', value: null, baseValue: '••••••', baseRevision: 7, isSecret: true },
    ]);
  });

  it.each([
    ['Delete', ['greeting', 'token']],
    ['Reset to default', ['rate', 'unset']],
    ['Delete or reset to default', ['greeting', 'rate']],
  ])('%s, for what that is', (label, keys) => expect(removalLabel(rowsOf(...keys))).toBe(label));
});
