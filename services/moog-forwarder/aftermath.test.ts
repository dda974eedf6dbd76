import { describe, expect, it } from 'vitest';
import { aftermath } from './aftermath.ts';
import type { Answer } from './answer.ts';
import { nextBatch, readItem, toSend } from './in-hand.ts';
import type { InHand } from './in-hand.ts';

const failed: Answer = { outcome: 'failed', kind: 'status', reason: 'HTTP 500', retryAfterMs: 0 };
const refused: Answer = { outcome: 'rejected', reason: 'HTTP 422: no' };
const circumstances = { isBreakerClosed: true, lastDeliveredAt: 0, now: 1_000, maxAttempts: 10 };

function item(id: string, more: object = {}): string {
  const event = { id, timestamp: '2026-01-01T00:00:00Z', message: 'm', hostname: 'h' };
  return JSON.stringify({
    id,
    rule: 'r',
    priority: 1,
    handling: 'page',
    team: 'noc',
    environment: 'prod',
    event,
    ...more,
  });
}

function inHand(id: string, more: object = {}): InHand {
  const read = readItem(item(id, more));
  if (!('alert' in read)) throw new Error(read.problem);
  return read;
}

/** The attempts counted on what goes back into the queue. */
function attempts(one: InHand, answer: Answer, about: Partial<typeof circumstances> = {}): unknown {
  const [move] = aftermath([one], answer, { ...circumstances, ...about }).moves;
  expect(move).toMatchObject({ item: one.item, to: 'mutt:alert_queue' });
  return (JSON.parse(move?.as ?? one.item) as { attempts?: number }).attempts;
}

describe('after an answer', () => {
  it('what was delivered is done', () => {
    const moves = [{ item: item('a') }, { item: item('b') }];
    expect(aftermath([inHand('a'), inHand('b')], { outcome: 'delivered' }, circumstances)).toEqual({
      moves,
      again: [],
    });
  });

  it('a refused batch is sent again one by one, and only who is refused alone is a dead letter', () => {
    const { moves, again } = aftermath([inHand('a'), inHand('b')], refused, circumstances);
    expect(moves).toEqual([]);
    expect(again.map(({ item: text, isSuspect }) => [text, isSuspect])).toEqual([
      [item('a'), true],
      [item('b'), true],
    ]);
    const [dead] = aftermath([inHand('a')], refused, circumstances).moves;
    expect(dead).toMatchObject({ item: item('a'), to: 'mutt:dlq:moog' });
    expect(JSON.parse(dead?.as ?? '')).toMatchObject({ item: item('a'), reason: 'HTTP 422: no' });
  });

  it('a first failure counts, and a further one only when Moog took something in between', () => {
    expect(attempts(inHand('a'), failed)).toBe(1);
    const again = inHand('a', { attempts: 1, last_failed_at: 500 });
    expect(attempts(again, failed, { lastDeliveredAt: 499 })).toBe(1);
    expect(attempts(again, failed, { lastDeliveredAt: 501 })).toBe(2);
  });

  it('a failure does not count while the breaker is not closed, nor when Moog is only busy', () => {
    expect(attempts(inHand('a'), failed, { isBreakerClosed: false })).toBeUndefined();
    expect(attempts(inHand('a'), { ...failed, kind: 'busy' })).toBeUndefined();
  });

  it('an alert that failed too often while others got through is a dead letter', () => {
    const [move] = aftermath([inHand('a', { attempts: 9, last_failed_at: 500 })], failed, {
      ...circumstances,
      lastDeliveredAt: 501,
    }).moves;
    expect(move?.to).toBe('mutt:dlq:moog');
    expect(JSON.parse(move?.as ?? '')).toMatchObject({ reason: 'failed 10 times, at last with: HTTP 500' });
  });

  it('what was cut off stays in hand, to be put back', () => {
    const batch = [inHand('a'), inHand('b')];
    expect(aftermath(batch, { outcome: 'abandoned' }, circumstances)).toEqual({ moves: [], again: batch });
  });
});

describe('a request', () => {
  const suspect = inHand('s', { attempts: 1 });

  it.each([
    ['as many as fit', [inHand('a'), inHand('b'), inHand('c')], ['a', 'b']],
    ['those before one that failed', [inHand('a'), suspect, inHand('b')], ['a']],
    ['one that failed, alone', [suspect, inHand('a')], ['s']],
    ['nothing, of nothing', [], []],
  ])('carries %s', (_, held, ids) => {
    expect(nextBatch(held, 2).map(({ alert }) => alert.id)).toEqual(ids);
  });

  it('tells Moog nothing of earlier tries', () => {
    expect(toSend(inHand('a', { attempts: 2, last_failed_at: 5 }).alert)).not.toHaveProperty('attempts');
    expect(toSend(inHand('a', { last_failed_at: 5, extra: 1 }).alert)).toMatchObject({ id: 'a', extra: 1 });
  });

  it.each(['', 'rubbish', 'null', '[]', '{}', item(''), item('a', { event: null })])('is not made of %j', (text) => {
    expect(readItem(text)).toMatchObject({ item: text, problem: expect.any(String) as string });
  });
});

it('finds what is wrong with an alert too deep to be sent, before it costs those of its batch anything', () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  const read = readItem(item('a', { more: 0 }).replace('"more":0', `"more":${deep}`));
  expect(read).toMatchObject({ problem: expect.stringContaining('nested') });
});
