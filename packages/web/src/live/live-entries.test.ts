import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EntriesReply, ListedEntry } from '../api/replies.ts';
import { LiveEntries, type Standing } from './live-entries.ts';

/** As a browser has it, but told what to say. */
class FakeEvents extends EventTarget {
  readyState: number = EventSource.OPEN;
  closed = false;

  say(type: string, data: unknown = {}): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }

  close(): void {
    this.closed = true;
  }
}

interface Load {
  readonly keys: readonly string[] | null;
  answer(...entries: readonly ListedEntry[]): Promise<void>;
  fail(message: string): Promise<void>;
}

const entry = (key: string, value: string, revision = 1): ListedEntry => ({
  key,
  value,
  revision,
  changed_at: null,
  changed_by: null,
  invalid: null,
  masked: false,
});
const ASK_EVERY_MS = 10_000;
const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let streams: FakeEvents[];
let loads: Load[];
let timers: (() => void)[];
/** Asks the server where it stands, as it does now and then. */
let askNow: () => Promise<void>;
let standing: Standing | Error;
let nowMs: number;
let live: LiveEntries;
const values = (): Record<string, string> =>
  Object.fromEntries([...(live.current().byKey ?? [])].map(([key, { value }]) => [key, value]));
const stream = (): FakeEvents => streams.at(-1) as FakeEvents;
const load = (): Load => loads.at(-1) as Load;

beforeEach(() => {
  vi.stubGlobal('EventSource', { OPEN: 1, CONNECTING: 0, CLOSED: 2 });
  [streams, loads, timers, nowMs] = [[], [], [], 1_000];
  standing = { epoch: 'e', revision: 1, isStoreEmptied: false };
  live = new LiveEntries({
    load: (keys) =>
      new Promise<EntriesReply>((resolve, reject) => {
        loads.push({
          keys,
          answer: (...entries) => {
            resolve({ epoch: 'e', revision: loads.length, entries });
            return settled();
          },
          fail: (message) => {
            reject(new Error(message));
            return settled();
          },
        });
      }),
    openEvents() {
      streams.push(new FakeEvents());
      return stream() as unknown as EventSource;
    },
    ask: () => (standing instanceof Error ? Promise.reject(standing) : Promise.resolve(standing)),
    nowMs: () => nowMs,
    after(ms, callback) {
      if (ms === ASK_EVERY_MS) {
        askNow = () => {
          callback();
          return settled();
        };
        return () => {};
      }
      timers.push(callback);
      return () => void (timers = timers.filter((one) => one !== callback));
    },
  });
});

afterEach(() => vi.unstubAllGlobals());

describe('LiveEntries', () => {
  it('loads all at first, and is live once the stream is connected', async () => {
    live.start();
    expect(live.current()).toMatchObject({ state: 'connecting', byKey: null });
    await load().answer(entry('a', '1'));
    stream().say('connected');
    expect(live.current().state).toBe('live');
    expect(values()).toEqual({ a: '1' });
  });

  it('reads the keys that an event names, and no others; one that is not there any more is gone', async () => {
    live.start();
    await load().answer(entry('a', '1'), entry('b', '1'));
    stream().say('commit', { changes: [{ key: 'a' }, { key: 'b' }] });
    expect(load().keys).toEqual(['a', 'b']);
    await load().answer(entry('a', '2', 2));
    expect(values()).toEqual({ a: '2' });
  });

  it.each([
    ['commit', { changes: [{ key: 'k' }] }],
    ['invalidated', { keys: ['k'] }],
    ['observed', { entries: { k: null } }],
  ])('knows which keys a %s is about', async (type, data) => {
    live.start();
    await load().answer();
    stream().say(type, data);
    expect(load().keys).toEqual(['k']);
  });

  it('reads again what changed while it was reading, so that the last answer is the newest', async () => {
    live.start();
    await load().answer(entry('a', '1'));
    stream().say('commit', { changes: [{ key: 'a' }] });
    stream().say('commit', { changes: [{ key: 'a' }] });
    expect(loads).toHaveLength(2);
    await load().answer(entry('a', '2', 2));
    expect(loads).toHaveLength(3);
    await load().answer(entry('a', '3', 3));
    expect(values()).toEqual({ a: '3' });
    expect(loads).toHaveLength(3);
  });

  it('reads all after a reset, and where a change has more keys than are worth naming', async () => {
    live.start();
    await load().answer();
    stream().say('commit', { changes: Array.from({ length: 51 }, (_, n) => ({ key: `k${n}` })) });
    expect(load().keys).toBeNull();
    await load().answer(entry('a', '1'));
    stream().say('reset');
    expect(load().keys).toBeNull();
  });

  it('lights what changed, for a while, and nothing of the first look', async () => {
    live.start();
    await load().answer(entry('a', '1'), entry('b', '1'));
    expect(live.current().litAtMs.size).toBe(0);
    stream().say('commit', { changes: [{ key: 'a' }] });
    await load().answer(entry('a', '2', 2));
    expect([...live.current().litAtMs]).toEqual([['a', 1_000]]);
    nowMs = 5_000;
    stream().say('commit', { changes: [{ key: 'b' }] });
    await load().answer(entry('b', '2', 3));
    expect([...live.current().litAtMs]).toEqual([['b', 5_000]]);
  });

  it('keeps the object of an entry that is the same, so that its row is not drawn again', async () => {
    live.start();
    await load().answer(entry('a', '1'));
    const before = live.current().byKey?.get('a');
    stream().say('reset');
    await load().answer(entry('a', '1'));
    expect(live.current().byKey?.get('a')).toBe(before);
  });

  it('keeps what it has when a look fails, says why, and looks at all of it again', async () => {
    live.start();
    await load().answer(entry('a', '1'));
    stream().say('commit', { changes: [{ key: 'a' }] });
    await load().fail('no network');
    expect(live.current().error?.message).toBe('no network');
    expect(values()).toEqual({ a: '1' });
    timers.at(-1)?.();
    expect(load().keys).toBeNull();
    await load().answer(entry('a', '2', 2));
    expect(live.current().error).toBeNull();
    expect(values()).toEqual({ a: '2' });
  });

  it('says that the stream is lost, and opens one that was refused again', async () => {
    live.start();
    await load().answer();
    stream().say('connected');
    stream().fail(EventSource.CONNECTING);
    expect(live.current().state).toBe('lost');
    expect(timers).toEqual([]);
    stream().say('connected');
    expect(live.current().state).toBe('live');
    stream().fail(EventSource.CLOSED);
    timers.at(-1)?.();
    expect(streams).toHaveLength(2);
  });

  it('does not take a server that answers no more for a quiet one, and looks at all of it once it is back', async () => {
    live.start();
    await load().answer(entry('a', '1'));
    stream().say('connected');
    await load().answer(entry('a', '1'));
    standing = new Error('The server did not answer in time.');
    await askNow();
    expect(live.current().error?.message).toBe('The server did not answer in time.');
    stream().say('commit', { changes: [{ key: 'a' }] });
    await load().answer(entry('a', '2', 2));
    expect(live.current().error, 'what it tells from memory proves nothing').not.toBeNull();
    standing = { epoch: 'e', revision: loads.length, isStoreEmptied: false };
    await askNow();
    expect(load().keys).toBeNull();
    await load().answer(entry('a', '3', 3));
    expect(live.current().error).toBeNull();
    expect(values()).toEqual({ a: '3' });
  });

  it('finds what a stream that says nothing any more does not tell', async () => {
    live.start();
    await load().answer(entry('a', '1'));
    await askNow();
    expect(loads).toHaveLength(1);
    standing = { epoch: 'e', revision: 7, isStoreEmptied: false };
    await askNow();
    expect(loads).toHaveLength(2);
    expect(load().keys).toBeNull();
  });

  it('says that the store came back empty, until it is as before', async () => {
    live.start();
    await load().answer(entry('a', '1'));
    standing = { epoch: 'e', revision: 1, isStoreEmptied: true };
    await askNow();
    expect(live.current().isStoreEmptied).toBe(true);
    standing = { ...standing, isStoreEmptied: false };
    await askNow();
    expect(live.current().isStoreEmptied).toBe(false);
  });

  it('stops for good, whatever was about to be tried again', async () => {
    const stop = live.start();
    await load().fail('no network');
    stream().fail(EventSource.CLOSED);
    stop();
    expect(stream().closed).toBe(true);
    for (const timer of timers) timer();
    expect([streams.length, loads.length]).toEqual([1, 1]);
  });

  it('tells those who asked which keys changed', async () => {
    const heard: unknown[] = [];
    live.start();
    const stop = live.onChange((keys) => heard.push(keys));
    stream().say('commit', { changes: [{ key: 'a' }] });
    stream().say('reset');
    stop();
    stream().say('reset');
    expect(heard).toEqual([['a'], null]);
  });
});
