import { describe, expect, it } from 'vitest';
import type { DeclaredSetting, ListedEntry } from '../api/replies.ts';
import { filterRows, Rows, sortRows, toItems, type Filter, type Row } from './rows.ts';

const ALL: Filter = { query: '', show: null, service: null };
const TODAY_MS = Date.parse('2026-11-25T00:00:00Z');

function entry(key: string, value: string, about: Partial<ListedEntry> = {}): ListedEntry {
  return { key, value, revision: 1, changed_at: null, changed_by: null, invalid: null, masked: false, ...about };
}

function setting(key: string, about: Partial<DeclaredSetting> = {}): DeclaredSetting {
  return {
    key,
    type: 'integer',
    rule: {},
    json_schema: {},
    default: null,
    description: null,
    unit: null,
    deprecated: null,
    requires_restart: false,
    secret: false,
    declared_by: [],
    conflict: null,
    ...about,
  };
}

const byKey = <One extends { key: string }>(all: readonly One[]): Map<string, One> =>
  new Map(all.map((one) => [one.key, one]));
const keysOf = (rows: readonly Row[]): string[] => rows.map(({ key }) => key);
const rowsOf = (entries: readonly ListedEntry[], settings: readonly DeclaredSetting[] = []): readonly Row[] =>
  new Rows().of(byKey(entries), byKey(settings));

describe('Rows', () => {
  it('are all keys that are set or declared, in their order; the default is in force where none is set', () => {
    const rows = rowsOf(
      [entry('b', '2'), entry('c', '3')],
      [setting('a', { default: '1' }), setting('b', { default: '2' })],
    );
    expect(rows.map(({ key, value, isOverridden }) => [key, value, isOverridden])).toEqual([
      ['a', '1', false],
      ['b', '2', false],
      ['c', '3', false],
    ]);
  });

  it('are the same objects while nothing of theirs changed', () => {
    const rows = new Rows();
    const entries = byKey([entry('a', '1'), entry('b', '1')]);
    const before = rows.of(entries, new Map());
    const after = rows.of(new Map([...entries, ['b', entry('b', '2')]]), new Map());
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });
});

describe('a filter', () => {
  const rows = rowsOf(
    [
      entry('moog_rate', '250', { changed_at: '2026-11-25T08:00:00Z', changed_by: 'alice' }),
      entry('moog_token', '••••••', { masked: true, changed_at: '2026-11-24T08:00:00Z', changed_by: 'bob' }),
      entry('other', '0', { invalid: 'It must be at least 1.' }),
    ],
    [
      setting('moog_rate', {
        default: '100',
        description: 'Alerts per second',
        declared_by: [{ service: 'forwarder', version: '1' }],
      }),
      setting('other'),
    ],
  );
  it.each<[string, Partial<Filter>, string[]]>([
    ['all words, wherever they are', { query: 'ALERTS moog' }, ['moog_rate']],
    ['the value', { query: '250' }, ['moog_rate']],
    ['who changed it', { query: 'bob' }, ['moog_token']],
    ['what is not there', { query: 'nope' }, []],
    ['changed today', { show: 'changed-today' }, ['moog_rate']],
    ['invalid', { show: 'invalid' }, ['other']],
    ['overridden', { show: 'overridden' }, ['moog_rate']],
    ['undeclared', { show: 'undeclared' }, ['moog_token']],
    ['by service', { service: 'forwarder' }, ['moog_rate']],
  ])('by %s', (_, filter, keys) => {
    expect(keysOf(filterRows(rows, { ...ALL, ...filter }, TODAY_MS))).toEqual(keys);
  });

  it('leaves an order: by key, by the latest change, or by who made it', () => {
    expect(keysOf(sortRows(rows, 'key'))).toEqual(['moog_rate', 'moog_token', 'other']);
    expect(keysOf(sortRows(rows.toReversed(), 'changed'))).toEqual(['moog_rate', 'moog_token', 'other']);
    expect(keysOf(sortRows(rows, 'who'))).toEqual(['moog_rate', 'moog_token', 'other']);
  });
});

describe('groups', () => {
  const rows = rowsOf([entry('a_1', ''), entry('a_2', ''), entry('b', '')]);
  const shown = (closed: string[] = []): string[] =>
    toItems(rows, new Set(closed)).map((item) =>
      item.type === 'group' ? `${item.name}: ${item.count}` : item.row.key,
    );

  it('have a line where they have more than one row', () => {
    expect(shown()).toEqual(['a: 2', 'a_1', 'a_2', 'b']);
  });

  it('show no rows while they are closed', () => {
    expect(shown(['a', 'b'])).toEqual(['a: 2', 'b']);
  });

  it('are none where all rows are of one', () => {
    expect(toItems(rows.slice(0, 2), new Set())).toHaveLength(2);
  });
});
