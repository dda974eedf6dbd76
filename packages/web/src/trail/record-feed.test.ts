import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord, AuditReply } from '../api/replies.ts';
import { RecordFeed, type RecordFeedOptions } from './record-feed.ts';

function record(id: number, value = 'x'): AuditRecord {
  return {
    id,
    changed_at: new Date(id * 1_000).toISOString(),
    changed_by: 'alice',
    operation: 'UPDATE',
    key: 'a',
    old_values: null,
    new_values: { value },
    reason: null,
    correlation_id: null,
    epoch: 'e',
    revision: id,
    source: 'commit',
    hash: '',
    previous_hash: '',
  };
}

/** A trail of this many records, in pages of 10. */
class Trail {
  length = 0;
  failure: Error | null = null;
  asked: (string | null)[] = [];

  readonly load = async (cursor: string | null): Promise<AuditReply> => {
    this.asked.push(cursor);
    if (this.failure !== null) throw this.failure;
    const from = cursor === null ? this.length : Number(cursor.split('-')[1]) - 1;
    const ids = Array.from({ length: Math.min(10, from) }, (_, n) => from - n);
    const last = ids.at(-1) ?? 1;
    return { records: ids.map((id) => record(id)), next_cursor: last > 1 ? `${last * 1_000}-${last}` : null };
  };
}

let trail: Trail;
let timers: (() => void)[];
beforeEach(() => {
  trail = new Trail();
  timers = [];
});

function start(options: Partial<RecordFeedOptions> = {}): RecordFeed {
  const after = (_: number, callback: () => void): (() => void) => {
    timers.push(callback);
    return () => {};
  };
  const feed = new RecordFeed({ load: trail.load, after, ...options });
  feed.start();
  return feed;
}

/** All that was asked for is answered. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const idsOf = (records: readonly AuditRecord[]): number[] => records.map(({ id }) => id);

describe('the records of a feed', () => {
  it('come page by page, the newest first, until there are no more', async () => {
    trail.length = 25;
    const feed = start();
    await settled();
    expect(idsOf(feed.current().records)).toEqual([25, 24, 23, 22, 21, 20, 19, 18, 17, 16]);
    await feed.loadMore();
    await feed.loadMore();
    await feed.loadMore();
    expect(feed.current().records).toHaveLength(25);
    expect(feed.current().cursor).toBeNull();
    expect(trail.asked).toHaveLength(3);
  });

  it('are asked for once at a time', async () => {
    trail.length = 25;
    const feed = start();
    await Promise.all([feed.loadMore(), feed.loadMore()]);
    await settled();
    expect(trail.asked).toEqual([null]);
  });

  it('that could not be had are asked for again, and those that are there stay', async () => {
    trail.length = 25;
    const feed = start();
    await settled();
    trail.failure = new Error('no network');
    await feed.loadMore();
    expect(feed.current()).toMatchObject({ error: { message: 'no network' }, isLoading: false });
    expect(feed.current().records).toHaveLength(10);
    trail.failure = null;
    await feed.loadMore();
    expect(feed.current().error).toBeNull();
    expect(feed.current().records).toHaveLength(20);
  });

  it('are no more than may be held; the rest is left to the filters', async () => {
    trail.length = 40;
    const feed = start({ mostRecords: 25 });
    await settled();
    for (let n = 0; n < 5; n += 1) await feed.loadMore();
    expect(feed.current().isFull).toBe(true);
    expect(idsOf(feed.current().records).at(-1)).toBe(16);
    trail.length = 42;
    feed.look();
    await settled();
    feed.showPending();
    expect(feed.current().records).toHaveLength(25);
    expect(idsOf(feed.current().records)[0]).toBe(42);
  });

  it('are held with as much of a value as can be seen', async () => {
    const large = record(1, 'x'.repeat(1_000_000));
    const feed = start({ load: async () => ({ records: [large], next_cursor: null }) });
    await settled();
    const value = feed.current().records[0]?.new_values?.value ?? '';
    expect(value.length).toBeLessThan(21_000);
    expect(value).toMatch(/… \(1,000,000 characters\)$/);
  });

  it('of other filters stay until the first answer, and no longer', async () => {
    trail.length = 2;
    const feed = start({ before: [record(9)] });
    expect(feed.current()).toMatchObject({ isOfOthers: true, records: [{ id: 9 }] });
    await settled();
    expect(feed.current().isOfOthers).toBe(false);
    expect(idsOf(feed.current().records)).toEqual([2, 1]);
  });
});

describe('what is new', () => {
  it('waits until it is asked for, and is lit for a while', async () => {
    trail.length = 3;
    const feed = start();
    await settled();
    trail.length = 5;
    feed.look();
    await settled();
    expect(idsOf(feed.current().pending)).toEqual([5, 4]);
    expect(idsOf(feed.current().records)).toEqual([3, 2, 1]);
    feed.showPending();
    expect(idsOf(feed.current().records)).toEqual([5, 4, 3, 2, 1]);
    expect([...feed.current().fresh]).toEqual([5, 4]);
    for (const timer of timers) timer();
    expect(feed.current().fresh.size).toBe(0);
  });

  it('adds to what waits already', async () => {
    trail.length = 3;
    const feed = start();
    await settled();
    for (const length of [4, 6]) {
      trail.length = length;
      feed.look();
      await settled();
      timers.shift()?.();
    }
    expect(idsOf(feed.current().pending)).toEqual([6, 5, 4]);
  });

  it('is looked for once more where changes come while it is looked for, not once for each', async () => {
    trail.length = 3;
    const feed = start();
    await settled();
    for (let n = 0; n < 50; n += 1) feed.look();
    await settled();
    expect(trail.asked).toHaveLength(2);
    timers.shift()?.();
    await settled();
    timers.shift()?.();
    expect(trail.asked).toHaveLength(3);
  });

  it('is read over several pages, up to what is known', async () => {
    trail.length = 3;
    const feed = start();
    await settled();
    trail.length = 20;
    feed.look();
    await settled();
    feed.showPending();
    expect(idsOf(feed.current().records)).toEqual(Array.from({ length: 20 }, (_, n) => 20 - n));
  });

  it('begins the list anew where it is too much to read, without a hole in it', async () => {
    trail.length = 3;
    const feed = start();
    await settled();
    trail.length = 100;
    feed.look();
    await settled();
    feed.showPending();
    expect(idsOf(feed.current().records).at(-1)).toBe(71);
    await feed.loadMore();
    expect(idsOf(feed.current().records).at(-1)).toBe(61);
  });

  it('is shown where there was nothing', async () => {
    const feed = start();
    await settled();
    expect(feed.current()).toMatchObject({ records: [], cursor: null });
    trail.length = 1;
    feed.look();
    await settled();
    feed.showPending();
    expect(idsOf(feed.current().records)).toEqual([1]);
    expect(feed.current().cursor).toBeNull();
  });

  it('is another reason to ask for the first page, where that could not be had', async () => {
    trail.length = 1;
    trail.failure = new Error('no network');
    const feed = start();
    await settled();
    trail.failure = null;
    feed.look();
    await settled();
    expect(idsOf(feed.current().records)).toEqual([1]);
  });
});

describe('a feed that is stopped', () => {
  it('shows no answer that comes later', async () => {
    trail.length = 3;
    const feed = new RecordFeed({ load: trail.load });
    const stop = feed.start();
    stop();
    await settled();
    expect(feed.current().records).toEqual([]);
    feed.start();
    await settled();
    expect(feed.current().records).toHaveLength(3);
  });
});
