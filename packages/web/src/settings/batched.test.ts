import { describe, expect, it, vi } from 'vitest';
import { batched } from './batched.ts';

function batch(mostKeys = 100) {
  const load = vi.fn(async (keys: readonly string[]) => new Map(keys.map((key) => [key, key.toUpperCase()])));
  return { load, ask: batched({ load, mostKeys, waitMs: 1 }) };
}
const { signal } = new AbortController();

describe('batched', () => {
  it('asks once for all that is asked for within a moment', async () => {
    const { load, ask } = batch();
    expect(await Promise.all([ask('a', signal), ask('b', signal)])).toEqual(['A', 'B']);
    expect(await ask('c', signal)).toBe('C');
    expect(load.mock.calls).toEqual([[['a', 'b']], [['c']]]);
  });

  it('asks for no more at once than are taken', async () => {
    const { load, ask } = batch(2);
    await Promise.all(['a', 'b', 'c'].map(async (key) => ask(key, signal)));
    expect(load.mock.calls).toEqual([[['a', 'b']], [['c']]]);
  });

  it('does not ask for what nobody wants any more', async () => {
    const { load, ask } = batch();
    const scrolledBy = new AbortController();
    const gone = ask('a', scrolledBy.signal);
    scrolledBy.abort();
    await expect(gone).rejects.toThrow('abort');
    expect(load).not.toHaveBeenCalled();
  });

  it('answers null for what is not known, and tells all of a failure', async () => {
    const none = batched({ load: async () => new Map<string, string>(), mostKeys: 2, waitMs: 1 });
    expect(await none('a', signal)).toBeNull();
    const failing = batched({ load: async () => Promise.reject(new Error('no')), mostKeys: 2, waitMs: 1 });
    const both = await Promise.allSettled([failing('a', signal), failing('b', signal)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
