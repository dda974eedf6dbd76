import { beforeEach, describe, expect, it } from 'vitest';
import type { StoreEvent } from '../store.ts';
import { Feed } from './feed.ts';
import { RedisNamespace } from './namespace.ts';

let told: string[];
let strange: string[];
let feed: Feed;

beforeEach(() => {
  told = [];
  strange = [];
  const namespace = new RedisNamespace('mutt:config');
  feed = new Feed(
    namespace,
    (event) => told.push(summary(event)),
    (what) => strange.push(what),
  );
});

function summary(event: StoreEvent): string {
  if (event.type === 'committed') return `commit ${event.commit.revision}`;
  if (event.type !== 'invalidated') return event.type;
  return `${event.explained ? 'explained' : 'look at'} ${event.keys?.join(' ') ?? 'everything'}`;
}

function announce(revision: number, ...keys: string[]): void {
  const body = { by: 'alice', why: null, request: 'r', changes: keys.map((key) => [key, '1']) };
  feed.onMessage(`epoch ${revision} 1700000000000 before after\n${JSON.stringify(body)}`, 'mutt:config@changes');
}

const update = (key: string): void => feed.onMessage(key, 'mutt:config:updates');
const invalidate = (...keys: string[]): void => feed.onInvalidated(keys.map((key) => `mutt:config:${key}`));

describe('the feed', () => {
  it('takes what follows a commit as explained by it', () => {
    announce(1, 'a', 'b');
    update('a');
    update('b');
    invalidate('a', 'b');
    expect(told).toEqual(['commit 1', 'explained a', 'explained b', 'explained a b']);
  });

  it('looks at once at what no commit explains: a raw write, with or without a message', () => {
    invalidate('a');
    update('a');
    announce(1, 'a');
    update('a');
    invalidate('a', 'raw');
    update('a');
    invalidate('a');
    expect(told).toEqual([
      'look at a',
      'look at a',
      'commit 1',
      'explained a',
      'look at raw',
      'explained a',
      'look at a',
      'look at a',
    ]);
  });

  it('takes nothing as explained by the record of a raw write, which writes nothing itself', () => {
    const body = { by: null, why: null, request: null, changes: [['raw', '1']] };
    feed.onMessage(`epoch 1 1700000000000 - after\n${JSON.stringify(body)}`, 'mutt:config@changes');
    update('raw');
    invalidate('raw');
    expect(told).toEqual(['commit 1', 'look at raw', 'look at raw']);
  });

  it('takes a flush as a change of everything', () => {
    feed.onInvalidated(null);
    expect(told).toEqual(['look at everything']);
  });

  it.each([
    ['an empty message', '', 'mutt:config@changes'],
    ['rubbish', 'rubbish', 'mutt:config@changes'],
    ['a header without a body', 'e 1 2 - h\n', 'mutt:config@changes'],
    ['a header that counts in words', 'e one 2 - h\n{"changes":[]}', 'mutt:config@changes'],
    ['a message that is no key', 'two words', 'mutt:config:updates'],
  ])('reports %s, and goes on', (_, message, channel) => {
    feed.onMessage(message, channel);
    announce(1, 'a');
    expect([strange.length, told]).toEqual([1, ['commit 1']]);
  });
});
