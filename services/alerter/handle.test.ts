import { expect, it } from 'vitest';
import { QUEUES } from '../pipeline/queues.ts';
import { failed, handle, handleSome } from './handle.ts';
import { toRuleSet } from './rule-set.ts';

const written = { match_type: 'contains', priority: 1, prod_handling: 'page', dev_handling: 'ignore', team: 'noc' };
const rules = toRuleSet({ rules: [{ ...written, name: 'disk', match: 'disk' }], dev_hosts: ['dev-1'] });
const circumstances = { rules, intake: { mode: 'decide', most: 100 }, unhandledKeep: 7 } as const;
const shedding = { ...circumstances, intake: { mode: 'shed', most: 100, reason: 'too many alerts wait' } } as const;
/** `JSON.parse` reads it, and `JSON.stringify` has no stack for it. */
const DEEP = '['.repeat(50_000) + ']'.repeat(50_000);
const itemOf = (message: string, more = {}): string =>
  JSON.stringify({ id: 'e1', timestamp: '2026-01-01T00:00:00Z', message, hostname: 'db-1', ...more });

it.each([
  ['an event that a rule matches', itemOf('disk full'), circumstances, 'page', { to: QUEUES.alert }],
  ['one that is to be ignored', itemOf('disk full', { hostname: 'dev-1' }), circumstances, 'ignored', {}],
  ['one that no rule matches', itemOf('fine'), circumstances, 'unhandled', { to: QUEUES.unhandled, keep: 7 }],
  ['an alert too many', itemOf('disk full'), shedding, 'shed', { to: QUEUES.alerterDlq }],
  ['one that no rule matches, while alerts are shed', itemOf('fine'), shedding, 'unhandled', { to: QUEUES.unhandled }],
  ['text that is not JSON', 'rubbish', circumstances, 'dead', { to: QUEUES.alerterDlq }],
  ['JSON that is no event', '[1]', circumstances, 'dead', { to: QUEUES.alerterDlq }],
  [
    'an event too deep to be written again',
    itemOf('disk', { more: 0 }).replace('0}', `${DEEP}}`),
    circumstances,
    'dead',
    { to: QUEUES.alerterDlq },
  ],
  ['an event without a host', itemOf('disk', { hostname: null }), circumstances, 'dead', { to: QUEUES.alerterDlq }],
])('sends %s where it belongs', (_, item, given, outcome, move) => {
  expect(handle(item, given)).toMatchObject({ outcome, move: { item, ...move } });
});

it('says in a dead letter what is wrong, and keeps the item as it was', () => {
  const item = itemOf('disk', { severity: 9 });
  const { move } = handle(item, circumstances);
  expect(JSON.parse(move.as ?? '')).toMatchObject({ item, reason: expect.stringMatching(/is no event: severity: /) });
});

it('tries an event that makes a rule throw three times, and the others go on', () => {
  const poison = {
    ...circumstances,
    rules: {
      ...rules,
      rules: [
        {
          ...rules.rules[0]!,
          matches: ({ message }: { message: string }) => {
            if (message === 'poison') throw new Error('cannot be matched');
            return true;
          },
        },
      ],
    },
  };
  let item = itemOf('poison');
  for (const attempts of [1, 2]) {
    const { outcome, move } = handle(item, poison);
    expect([outcome, move.to, JSON.parse(move.as ?? '')]).toMatchObject(['failed', QUEUES.ingest, { attempts }]);
    item = move.as ?? '';
  }
  const last = handle(item, poison);
  expect([last.outcome, last.move.to]).toEqual(['dead', QUEUES.alerterDlq]);
  expect(JSON.parse(last.move.as ?? '')).toMatchObject({ item, reason: 'cannot be matched' });
  expect(handle(itemOf('other'), poison).outcome).toBe('page');
});

it('sets aside what a dead alerter had in hand and nobody could write again', () => {
  const item = `{"id":"e1","more":${DEEP}}`;
  const { to, as } = failed(item, 'an alerter died');
  expect([to, JSON.parse(as ?? '')]).toMatchObject([QUEUES.alerterDlq, { item }]);
});

it('stops between two events when they take long, so that other work gets its turn', () => {
  let ms = 0;
  const items = ['a', 'b', 'c', 'd'].map((message) => itemOf(message));
  expect(handleSome(items, circumstances, () => (ms += 20))).toHaveLength(3);
  expect(handleSome(items, circumstances, () => 0)).toHaveLength(4);
});
