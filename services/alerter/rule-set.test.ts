import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { toRuleSet } from './rule-set.ts';

const good = {
  name: 'good',
  match_type: 'contains',
  match: 'x',
  priority: 5,
  prod_handling: 'page',
  dev_handling: 'ticket',
  team: 'noc',
};
const regex = (match: string): object => ({ ...good, name: 'bad', match_type: 'regex', match });

it.each([
  ['is no object', 'nonsense', 'rule 1', /expected object/],
  ['has no name', { ...good, name: undefined }, 'rule 1', /name: /],
  ['has an unknown match type', { ...good, name: 'bad', match_type: 'glob' }, 'bad', /match_type: .*"contains"/],
  ['has an empty match', { ...good, name: 'bad', match: '' }, 'bad', /match: /],
  ['has a priority that is no whole number', { ...good, name: 'bad', priority: 'high' }, 'bad', /priority: .*number/],
  ['has an unknown handling', { ...good, name: 'bad', dev_handling: 'mail' }, 'bad', /dev_handling: .*"ignore"/],
  ['has a misspelt field', { ...good, name: 'bad', teem: 'noc' }, 'bad', /"teem"/],
  ['has an OID that is none', { ...good, name: 'bad', match_type: 'oid_prefix', match: '1.3.x' }, 'bad', /no OID/],
  ['has a pattern that does not end', regex('(a'), 'bad', /missing closing \)/],
  ['has a pattern with a lookahead', regex('a(?=b)'), 'bad', /`\(\?=`.* no lookahead/],
  ['has a pattern with a lookbehind', regex('(?<!a)b'), 'bad', /no lookahead, lookbehind/],
  ['has a pattern with a backreference', regex(String.raw`(a)\1`), 'bad', /or backreference/],
  ['has a pattern that grows beyond measure', regex('((a{1,100}){1,100}){1,100}'), 'bad', /match: /],
  ['has the name of one before it', [good, good], 'good', /same name/],
])('refuses a rule that %s, by name, and uses the others', (_, bad, name, reason) => {
  const { rules, refused } = toRuleSet({ rules: [bad, { ...good, name: 'other' }].flat() });
  expect(refused).toEqual([{ name, reason: expect.stringMatching(reason) }]);
  expect(rules.map((rule) => rule.name)).toContain('other');
});

it('asks rules by priority, and those of the same priority as they were written', () => {
  const written = [
    ['late', 9],
    ['first', 1],
    ['second', 1],
  ].map(([name, priority]) => ({ ...good, name, priority }));
  expect(toRuleSet({ rules: written }).rules.map((rule) => rule.name)).toEqual(['first', 'second', 'late']);
});

it.each([null, 'rules', [], {}, { rules: 'x' }, { rules: [], extra: 1 }])(
  'takes %j for no rules at all',
  (document) => {
    expect(() => toRuleSet(document)).toThrow('These are no rules');
  },
);

it('tells hosts of development by name and by the end of their names, in any case of letters', () => {
  const { isDevHost, refused } = toRuleSet({ rules: [], dev_hosts: ['build-01', '*.dev.example', 'a*b', 7] });
  const asked = ['BUILD-01', 'web.Dev.example', 'a.b.dev.example', 'dev.example', 'webdev.example', 'build-011'];
  expect(asked.filter(isDevHost)).toEqual(['BUILD-01', 'web.Dev.example', 'a.b.dev.example']);
  expect(refused.map(({ name }) => name)).toEqual(['dev_hosts 3', 'dev_hosts 4']);
});

it('refuses nothing of the sample file', async () => {
  const { rules, refused } = toRuleSet(parse(await readFile(new URL('./rules.yaml', import.meta.url), 'utf8')));
  expect(refused).toEqual([]);
  expect(rules.length).toBeGreaterThan(9);
});
