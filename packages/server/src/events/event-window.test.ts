import { describe, expect, it } from 'vitest';
import type { Commit, Head } from '@mutt/dynamic-config';
import { EventWindow } from './event-window.ts';
import type { StreamEvent } from './stream-event.ts';

const LARGE = { mostEvents: 100, mostLength: 1_000 };

function headAt(revision: number, epoch = 'e', hash = ''): Head {
  return { epoch, revision, hash };
}

function commitAt(revision: number, { epoch = 'e', value = '1' } = {}): StreamEvent {
  const head = headAt(revision, epoch);
  return { type: 'commit', head, commit: { ...head, changes: [{ key: 'k', value }] } as unknown as Commit };
}

const observedAt = (revision: number): StreamEvent => ({ type: 'observed', head: headAt(revision), changes: [] });
const resetAt = (revision: number, epoch?: string): StreamEvent => ({
  type: 'reset',
  head: headAt(revision, epoch, 'x'),
});

function windowWith(events: readonly StreamEvent[], options = LARGE): EventWindow {
  const window = new EventWindow(headAt(2), options);
  for (const event of events) window.add(event);
  return window;
}

const since = (window: EventWindow, id: string): string | null =>
  window
    .since(id)
    ?.map(({ type, head }) => `${type} ${head.revision}`)
    .join() ?? null;

describe('a client that comes back', () => {
  it.each([
    ['is told what came after', [commitAt(3), commitAt(4), commitAt(5)], 'e:3', 'commit 4,commit 5'],
    ['is told nothing when nothing came', [commitAt(3)], 'e:3', ''],
    ['is told again what was written past us', [commitAt(3), observedAt(3), commitAt(4)], 'e:3', 'observed 3,commit 4'],
    ['starts anew at a revision from before the window', [commitAt(3)], 'e:2', null],
    ['starts anew at a revision that is not there yet', [commitAt(3)], 'e:4', null],
    ['starts anew in another epoch', [commitAt(3)], 'f:3', null],
    ['starts anew with garbage', [commitAt(3)], 'garbage', null],
    ['starts anew with an id that is no number', [commitAt(3)], 'e:1e1', null],
    ['starts anew after a reset', [commitAt(3), resetAt(9)], 'e:3', null],
    ['goes on after a reset that it was told of', [commitAt(3), resetAt(9), commitAt(10)], 'e:9', 'commit 10'],
    [
      'goes on in a new epoch',
      [commitAt(3), commitAt(1, { epoch: 'f' }), commitAt(2, { epoch: 'f' })],
      'f:1',
      'commit 2',
    ],
    ['starts anew in the epoch before', [commitAt(3), commitAt(1, { epoch: 'f' })], 'e:3', null],
  ])('%s', (_, events, id, told) => {
    expect(since(windowWith(events), id)).toBe(told);
  });

  it('starts anew where a store that lost writes counts the same revisions again', () => {
    const window = windowWith([commitAt(3), commitAt(4), commitAt(5), resetAt(3), commitAt(4), commitAt(5)]);
    expect([since(window, 'e:4'), since(window, 'e:5')]).toEqual([null, null]);
    window.add(commitAt(6));
    window.add(commitAt(7));
    expect([since(window, 'e:5'), since(window, 'e:6')]).toEqual([null, 'commit 7']);
  });
});

describe('the window', () => {
  const five = [3, 4, 5, 6, 7].map((revision) => commitAt(revision));

  it('keeps only so many events', () => {
    const window = windowWith(five, { mostEvents: 2, mostLength: 1_000 });
    expect([since(window, 'e:4'), since(window, 'e:5')]).toEqual([null, 'commit 6,commit 7']);
  });

  it('keeps only so much text', () => {
    const window = windowWith(five, { mostEvents: 100, mostLength: 4 });
    expect([since(window, 'e:4'), since(window, 'e:5')]).toEqual([null, 'commit 6,commit 7']);
    window.add(commitAt(8, { value: 'far more than fits' }));
    expect([since(window, 'e:7'), since(window, 'e:8')]).toEqual([null, '']);
  });

  it('does not take for complete what it has forgotten a part of', () => {
    const window = windowWith([commitAt(3), observedAt(3), observedAt(3), commitAt(4)], { ...LARGE, mostEvents: 2 });
    expect(since(window, 'e:3')).toBeNull();
    expect(since(window, 'e:4')).toBe('');
  });
});
