import { describe, expect, it } from 'vitest';
import { ChangeStream } from './change-stream.ts';
import type { AppliedChange } from './applied-change.ts';

function change(key: string, value: string, previousValue: string | null = null): AppliedChange {
  const origin = { revision: 1, changedAtMs: 0, changedBy: 'a', reason: null, source: 'commit' } as const;
  return { key, value, previousValue, ...origin };
}

async function readAll(stream: ChangeStream): Promise<string[]> {
  const read: string[] = [];
  for await (const { key, previousValue, value } of stream) read.push(`${key}: ${previousValue} → ${value}`);
  return read;
}

describe('a stream of changes', () => {
  it('is read in order, also by a reader that waits, and ends after what was waiting', async () => {
    const stream = new ChangeStream(() => {});
    stream.push(change('a', '1'));
    const reading = readAll(stream);
    stream.push(change('a', '2', '1'));
    stream.push(change('b', '1'));
    stream.end();
    stream.push(change('c', '1'));
    expect(await reading).toEqual(['a: null → 1', 'a: 1 → 2', 'b: null → 1']);
  });

  it('serves several readers, each change to one of them, and lets none wait for ever', async () => {
    const stream = new ChangeStream(() => {});
    const reads = [stream.next(), stream.next(), stream.next()];
    stream.push(change('a', '1'));
    stream.push(change('b', '1'));
    stream.end();
    expect((await Promise.all(reads)).map(({ done, value }) => (done ? 'done' : value.key))).toEqual([
      'a',
      'b',
      'done',
    ]);
  });

  it('keeps only the latest change of each key for a reader that falls behind', async () => {
    const stream = new ChangeStream(() => {}, 3);
    for (const value of ['1', '2', '3', '4', '5']) stream.push(change('a', value, String(Number(value) - 1)));
    stream.push(change('b', '1'));
    stream.end();
    expect(await readAll(stream)).toEqual(['a: 0 → 5', 'b: null → 1']);
  });

  it('keeps them in the order of the latest changes, while they are read as well', async () => {
    const stream = new ChangeStream(() => {}, 3);
    for (const key of ['a', 'b', 'c']) stream.push(change(key, '1'));
    stream.push(change('a', '2', '1'));
    expect((await stream.next()).value).toMatchObject({ key: 'b', value: '1' });
    stream.push(change('b', '2', '1'));
    stream.push(change('c', '2', '1'));
    stream.end();
    expect(await readAll(stream)).toEqual(['a: null → 2', 'b: 1 → 2', 'c: null → 2']);
  });

  it('gives every change again to a reader that has caught up', async () => {
    const stream = new ChangeStream(() => {}, 2);
    for (const value of ['1', '2', '3']) stream.push(change('a', value, String(Number(value) - 1)));
    expect((await stream.next()).value).toMatchObject({ previousValue: '0', value: '3' });
    for (const value of ['4', '5']) stream.push(change('a', value, String(Number(value) - 1)));
    stream.end();
    expect(await readAll(stream)).toEqual(['a: 3 → 4', 'a: 4 → 5']);
  });

  it('looks at no change more than a few times, however many keys wait for the reader', () => {
    const stream = new ChangeStream(() => {}, 1_000);
    let looks = 0;
    const counted = (n: number): AppliedChange => ({
      ...change('', '1'),
      get key() {
        looks += 1;
        return `key_${n % 1_000}`;
      },
    });
    for (let n = 0; n < 5_000; n++) stream.push(counted(n));
    expect(looks).toBeLessThan(5 * 5_000);
  });

  it('ends with an error, rather than losing a key, for a reader that falls behind by too many of them', async () => {
    let ended = 0;
    const stream = new ChangeStream(() => (ended += 1), 2);
    for (const key of ['a', 'b', 'c']) stream.push(change(key, '1'));
    await expect(readAll(stream)).rejects.toMatchObject({ code: 'changes_lost' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(ended).toBe(1);
  });

  it('is over when its reader breaks off, or leaves its scope', async () => {
    let ended = 0;
    const stream = new ChangeStream(() => (ended += 1));
    stream.push(change('a', '1'));
    for await (const first of stream) {
      expect(first.key).toBe('a');
      break;
    }
    expect(ended).toBe(1);
    {
      await using scoped = new ChangeStream(() => (ended += 1));
      scoped.push(change('a', '1'));
    }
    expect(ended).toBe(2);
  });
});
