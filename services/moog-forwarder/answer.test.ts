import { expect, it } from 'vitest';
import { answerOf } from './answer.ts';

it.each([
  [200, 'delivered'],
  [204, 'delivered'],
  [301, 'redirect'],
  [304, 'redirect'],
  [307, 'redirect'],
  [400, 'rejected'],
  [401, 'rejected'],
  [404, 'rejected'],
  [408, 'status'],
  [413, 'rejected'],
  [422, 'rejected'],
  [425, 'status'],
  [429, 'busy'],
  [500, 'status'],
  [503, 'status'],
])('%i is taken for %s', (status, expected) => {
  const answer = answerOf(status, null, '', 0);
  expect(answer.outcome === 'failed' ? answer.kind : answer.outcome).toBe(expected);
});

it('the beginning of what Moog said is kept, and how long it asks to wait', () => {
  expect(answerOf(503, '2', ` down\n${'x'.repeat(9_999)}`, 0)).toEqual({
    outcome: 'failed',
    kind: 'status',
    reason: `HTTP 503: down\n${'x'.repeat(495)}`,
    retryAfterMs: 2_000,
  });
});
