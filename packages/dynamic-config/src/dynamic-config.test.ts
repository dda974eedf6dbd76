import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChangeInput } from './change-set.ts';
import { DynamicConfig } from './dynamic-config.ts';
import type { ConnectOptions } from './connect-options.ts';
import {
  ClosedError,
  InvalidChangeSetError,
  InvalidOptionError,
  KeyNotFoundError,
  RevisionConflictError,
} from './errors.ts';
import { MemoryNamespace } from './memory/memory-namespace.ts';
import { MemoryStore } from './memory/memory-store.ts';
import type { AppliedChange } from './applied-change.ts';
import type { Update } from './replica/replica.ts';
import { text } from './settings/text.ts';
import { until } from './testing/index.ts';

let namespace: MemoryNamespace;
let open: DynamicConfig[];

beforeEach(() => {
  namespace = new MemoryNamespace();
  open = [];
});
afterEach(async () => {
  for (const config of open) await config.close();
});

async function connect(options: ConnectOptions = {}): Promise<DynamicConfig> {
  const config = await DynamicConfig.connect(new MemoryStore(namespace), { changedBy: 'alice', ...options });
  open.push(config);
  return config;
}

describe('reading', () => {
  it('returns the stored value, the default for a missing key, and throws without one', async () => {
    const config = await connect();
    await config.set('cache_reload_interval', '600');
    expect(config.get('cache_reload_interval')).toBe('600');
    expect(config.get('cache_reload_interval', '300')).toBe('600');
    expect(config.get('missing', '300')).toBe('300');
    expect(config.get('missing', undefined)).toBeUndefined();
    expect(() => config.get('missing')).toThrow(new KeyNotFoundError('missing'));
  });

  it('keeps an empty value apart from a missing key', async () => {
    const config = await connect();
    await config.set('empty', '');
    expect(config.get('empty', 'default')).toBe('');
  });

  it('sorts the keys anew when there are others, and not when a value changes', async () => {
    const config = await connect();
    await config.commit(['b', 'a'].map((key) => ({ key, value: '1' })));
    config.getAll();
    const sorting = vi.spyOn(Array.prototype, 'toSorted');
    await config.set('a', '2');
    expect(Object.entries(config.getAll())).toEqual([
      ['a', '2'],
      ['b', '1'],
    ]);
    expect(sorting).not.toHaveBeenCalled();
    await config.set('aa', '1');
    await config.delete('b');
    expect(Object.keys(config.getAll())).toEqual(['a', 'aa']);
    expect(sorting).toHaveBeenCalledOnce();
    sorting.mockRestore();
  });

  it('returns all values sorted, frozen, and safe for any key', async () => {
    const config = await connect();
    await config.commit([
      { key: 'b', value: '2' },
      { key: '__proto__', value: 'x' },
      { key: 'a', value: '1' },
    ]);
    const all = config.getAll();
    expect(Object.entries(all)).toEqual([
      ['__proto__', 'x'],
      ['a', '1'],
      ['b', '2'],
    ]);
    expect(Object.isFrozen(all)).toBe(true);
    expect(config.getAll()).toBe(all);
    await config.set('a', '3');
    expect([all['a'], config.getAll()['a']]).toEqual(['1', '3']);
  });

  it('returns them in the order of their characters, with the value of each, from the instance and from a view', async () => {
    const config = await connect();
    const keys = ['b', 'a/b', 'a_b', 'B', 'a', 'a-b', 'Z:1', 'a.10', 'a.9'];
    await config.commit(keys.map((key) => ({ key, value: `of ${key}` })));
    const sorted = ['B', 'Z:1', 'a', 'a-b', 'a.10', 'a.9', 'a/b', 'a_b', 'b'].map((key) => [key, `of ${key}`]);
    expect([Object.entries(config.getAll()), Object.entries(config.snapshot().getAll())]).toEqual([sorted, sorted]);
  });

  it('hands out snapshots that later changes leave alone', async () => {
    const config = await connect();
    await config.set('a', '1');
    const before = config.snapshot();
    await config.set('a', '2');
    expect([before.head.revision, before.get('a')]).toEqual([1, '1']);
    expect([config.head.revision, config.entry('a')]).toMatchObject([2, { value: '2', changedBy: 'alice' }]);
  });
});

describe('writing', () => {
  it('is visible here when it resolves, and in another instance', async () => {
    const [writer, reader] = [await connect(), await connect()];
    await writer.set('moog_rate_limit', 200, { reason: 'incident 4711' });
    expect([writer.get('moog_rate_limit'), reader.get('moog_rate_limit')]).toEqual(['200', '200']);
    await writer.delete('moog_rate_limit');
    expect([writer.get('moog_rate_limit', null), reader.get('moog_rate_limit', null)]).toEqual([null, null]);
  });

  it.each([
    ['a string', '600', '600'],
    ['an integer', 600, '600'],
    ['a fraction', 30.5, '30.5'],
    ['a boolean', true, 'true'],
  ])('stores %s as its plain text', async (_, value, text) => {
    const config = await connect();
    await config.set('k', value);
    expect(config.get('k')).toBe(text);
  });

  it('reaches other instances with notify: false too', async () => {
    const [writer, reader] = [await connect(), await connect()];
    await writer.commit(
      [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
      { notify: false },
    );
    await until('the reader sees it', () => reader.get('b', null) === '2');
    expect([writer.get('a'), reader.get('a'), reader.head.revision]).toEqual(['1', '1', 1]);
  });

  it.each<[string, ChangeInput[], string]>([
    ['no change at all', [], 'change_set_invalid'],
    [
      'a key twice',
      [
        { key: 'a', value: '1' },
        { key: 'a', delete: true },
      ],
      'change_set_invalid',
    ],
    ['over 1,000 changes', Array.from({ length: 1001 }, (_, n) => ({ key: `k${n}`, value: '' })), 'change_set_invalid'],
    [
      'over 8 MiB',
      Array.from({ length: 9 }, (_, n) => ({ key: `k${n}`, value: 'x'.repeat(1024 * 1024) })),
      'change_set_invalid',
    ],
    [
      'a set that is a delete too',
      [{ key: 'a', value: '1', delete: true } as unknown as ChangeInput],
      'change_set_invalid',
    ],
    ['a negative revision', [{ key: 'a', value: '1', ifRevision: -1 }], 'change_set_invalid'],
    ['an empty key', [{ key: '', value: '1' }], 'key_invalid'],
    ['the key of the channel', [{ key: 'updates', value: '1' }], 'key_invalid'],
    ['a key with a space', [{ key: 'a b', value: '1' }], 'key_invalid'],
    ['a key with a line break at its end', [{ key: 'a\n', value: '1' }], 'key_invalid'],
    ['a key with a wildcard', [{ key: '[a]*', value: '1' }], 'key_invalid'],
    ['a key of 257 characters', [{ key: 'x'.repeat(257), value: '1' }], 'key_invalid'],
    ['a null value', [{ key: 'a', value: null as unknown as string }], 'value_invalid'],
    ['an array', [{ key: 'a', value: [] as unknown as string }], 'value_invalid'],
    ['not-a-number', [{ key: 'a', value: Number.NaN }], 'value_invalid'],
    ['half of a surrogate pair', [{ key: 'a', value: '\ud800' }], 'value_invalid'],
    ['a value over 1 MiB', [{ key: 'a', value: 'é'.repeat(512 * 1024) + 'x' }], 'value_invalid'],
  ])('refuses %s, and nothing is written', async (_, changes, code) => {
    const config = await connect();
    await expect(config.commit(changes)).rejects.toMatchObject({ code });
    expect(namespace.head.revision).toBe(0);
  });

  it.each<[string, unknown[], string]>([
    ['nothing', [], 'A change set is an array of changes, not undefined.'],
    ['an object', [{}], 'A change set is an array of changes, not an object.'],
    ['a text', ['a=1'], 'A change set is an array of changes, not a string.'],
    ['a set of changes', [new Set([{ key: 'a', value: '1' }])], 'A change set is an array of changes, not an object.'],
    ['null for a change', [[{ key: 'a', value: '1' }, null]], 'Change 2 of the change set must be { key, value } or'],
    ['a hole for a change', [Array(1)], 'Change 1 of the change set must be'],
    ['a text for a change', [['a=1']], '{ key, delete: true }, not a string.'],
    ['a pair for a change', [[['a', '1']]], '{ key, delete: true }, not an array.'],
  ])('refuses %s instead of a change set, with a sentence, also with settings', async (_, args, sentence) => {
    const typed = await DynamicConfig.connect(new MemoryStore(namespace), { settings: { a: text() } });
    for (const config of [await connect(), typed]) {
      const commit = config.commit.bind(config) as (...given: unknown[]) => Promise<unknown>;
      const error = await commit(...args).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InvalidChangeSetError);
      expect((error as Error).message).toContain(sentence);
    }
    await typed.close();
    expect(namespace.head.revision).toBe(0);
  });

  it('takes null for no options', async () => {
    const config = await connect();
    await config.set('a', '1', null as never);
    await config.commit([{ key: 'b', value: '1' }], null as never);
    await config.delete('a', null as never);
    expect(config.getAll()).toEqual({ b: '1' });
  });

  it('names the rule that a key breaks', async () => {
    const config = await connect();
    await expect(config.set('a b', '1')).rejects.toThrow(
      'Invalid config key "a b": a key is 1 to 256 characters of A–Z a–z 0–9 _ . : / -, and not "updates".',
    );
  });

  it('refuses a stale revision, of the key in set, of the namespace in commit', async () => {
    const config = await connect();
    await config.set('a', '1');
    await config.set('b', '1');
    await config.set('a', '2', { ifRevision: 1 });
    await expect(config.set('a', '3', { ifRevision: 1 })).rejects.toBeInstanceOf(RevisionConflictError);
    await expect(config.commit([{ key: 'c', value: '1' }], { ifRevision: 2 })).rejects.toBeInstanceOf(
      RevisionConflictError,
    );
    await config.commit([{ key: 'c', value: '1' }], { ifRevision: 3 });
  });

  it('deletes what somebody else has set, though this instance has not seen it yet', async () => {
    const [unaware, writer] = [await connect({ startWatcher: false }), await connect()];
    await writer.set('k', '1');
    await unaware.delete('k');
    await until('the deletion is seen', () => writer.get('k', null) === null);
  });

  it('throws KeyNotFoundError when there is nothing to delete', async () => {
    const config = await connect();
    await expect(config.delete('missing')).rejects.toBeInstanceOf(KeyNotFoundError);
  });
});

describe('callbacks', () => {
  it('are called on sets and deletes by anyone, with the change', async () => {
    const [writer, reader] = [await connect({ changedBy: 'bob' }), await connect()];
    const calls: [string, string | undefined, AppliedChange][] = [];
    reader.registerCallback('k', (...call) => void calls.push(call));
    await writer.set('k', '1', { reason: 'why' });
    await until('the set', () => calls.length === 1);
    await writer.set('other', '1');
    await writer.delete('k');
    await until('the delete', () => calls.length === 2);
    expect(calls).toMatchObject([
      ['k', '1', { previousValue: null, value: '1', revision: 1, changedBy: 'bob', reason: 'why', source: 'commit' }],
      ['k', undefined, { previousValue: '1', value: null, revision: 3, changedBy: 'bob' }],
    ]);
  });

  it('are called for writes that went past us', async () => {
    const config = await connect();
    const calls: unknown[] = [];
    config.registerCallback('k', (_, value, change) => void calls.push([value, change.source]));
    namespace.writeRaw('k', '1');
    await until('the write', () => calls.length === 1);
    namespace.writeRaw('k', null);
    await until('the delete', () => calls.length === 2);
    expect(calls).toEqual([
      ['1', 'out-of-band'],
      [undefined, 'out-of-band'],
    ]);
  });

  it('see the whole change set', async () => {
    const config = await connect();
    const seen: unknown[] = [];
    config.registerCallback('a', () => void seen.push(config.getAll()));
    await config.commit([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    expect(seen).toEqual([{ a: '1', b: '2' }]);
  });

  it('are not called any more once undone', async () => {
    const config = await connect();
    const calls: string[] = [];
    const undo = config.registerCallback('k', () => void calls.push('undone'));
    config.registerCallback('k', () => void calls.push('kept'));
    undo();
    await config.set('k', '1');
    await until('the other one', () => calls.length > 0);
    expect(calls).toEqual(['kept']);
  });

  it('may throw or reject without disturbing others, and it is reported', async () => {
    const failures: unknown[] = [];
    const config = await connect({
      onError: (error, key) => failures.push([key, (error as Error).message]),
    });
    const calls: unknown[] = [];
    config.registerCallback('k', () => {
      throw new Error('thrown');
    });
    config.registerCallback('k', () => Promise.reject(new Error('rejected')));
    config.registerCallback('k', (_, value) => void calls.push(value));
    await config.set('k', '1');
    await config.set('k', '2');
    await until('the last value', () => calls.at(-1) === '2');
    expect(failures.slice(0, 2)).toEqual([
      ['k', 'thrown'],
      ['k', 'rejected'],
    ]);
  });

  it('that are slow delay no other, skip what they missed, and get the final value', async () => {
    const config = await connect();
    let release = (): void => {};
    const blocked = new Promise<void>((resolve) => (release = resolve));
    const slow: unknown[] = [];
    const quick: unknown[] = [];
    config.registerCallback('k', async (_, value, { previousValue }) => {
      slow.push([previousValue, value]);
      await blocked;
    });
    config.registerCallback('k', (_, value) => void quick.push(value));
    for (const value of ['1', '2', '3']) {
      await config.set('k', value);
      await until('the quick one', () => quick.at(-1) === value);
    }
    expect(slow).toEqual([[null, '1']]);
    release();
    await until('the final value', () => slow.length === 2);
    expect(slow[1]).toEqual(['1', '3']);
  });

  it('may set the key themselves', async () => {
    const config = await connect();
    config.registerCallback('k', async (_, value) => {
      if (Number(value) < 3) await config.set('k', Number(value) + 1);
    });
    await config.set('k', 1);
    await until('it settles', () => config.get('k') === '3');
  });
});

describe('callbacks of a pattern', () => {
  it.each([
    ['*', ['alerter_mode', 'alerter_rate', 'moog_rate']],
    ['alerter_*', ['alerter_mode', 'alerter_rate']],
    ['alerter_mode', ['alerter_mode']],
    ['nothing_*', []],
  ])('%s are called for each key that it names', async (pattern, keys) => {
    const config = await connect();
    const calls: string[] = [];
    const stop = config.registerCallback(pattern, (key) => void calls.push(key));
    let last = false;
    config.registerCallback('zz_last', () => void (last = true));
    await config.commit(['moog_rate', 'alerter_rate', 'alerter_mode'].map((key) => ({ key, value: '1' })));
    await config.set('zz_last', '1');
    await until('all are called', () => last);
    expect(calls.filter((key) => key !== 'zz_last').toSorted()).toEqual(keys);
    stop();
    await config.set('alerter_mode', '2');
    await config.set('zz_last', '2');
    expect(calls.filter((key) => key !== 'zz_last').length).toBe(keys.length);
  });

  it('wait for one another key by key: a slow one holds up its own key only', async () => {
    const config = await connect();
    const calls: string[] = [];
    let finish = (): void => {};
    const slow = new Promise<void>((resolve) => (finish = resolve));
    config.registerCallback('*', async (key, value) => {
      calls.push(`${key}=${value}`);
      if (key === 'slow') await slow;
    });
    await config.set('slow', '1');
    await config.set('slow', '2');
    await config.set('slow', '3');
    await config.set('quick', '1');
    await until('the quick one', () => calls.includes('quick=1'));
    expect(calls).toEqual(['slow=1', 'quick=1']);
    finish();
    await until('the latest of the slow one', () => calls.length === 3);
    expect(calls.at(-1)).toBe('slow=3');
  });

  it.each(['', 'a*b', '**', 'a b*', 'updates', 'x'.repeat(257)])('refuse the pattern "%s"', async (pattern) => {
    const config = await connect();
    expect(() => config.registerCallback(pattern, () => {})).toThrow(/Invalid config key/);
  });

  it('must be functions', async () => {
    const config = await connect();
    expect(() => config.registerCallback('a', undefined as never)).toThrow(InvalidOptionError);
  });

  it('that fail, and a handler of failures that fails, disturb nobody', async () => {
    const errors: string[] = [];
    const config = await connect({
      logger: { warn: () => {}, error: (message) => void errors.push(message) },
      onError: () => {
        throw new Error('the handler');
      },
    });
    const calls: string[] = [];
    config.registerCallback('*', () => {
      throw new Error('the callback');
    });
    config.registerCallback('*', (key) => void calls.push(key));
    await config.set('a', '1');
    await until('the other one is called', () => calls.length === 1 && errors.length === 1);
    expect(errors[0]).toContain('the handler');
  });
});

describe('changes()', () => {
  it('tells every change from now on, and ends with the instance', async () => {
    const config = await connect();
    await config.set('before', '1');
    const read: string[] = [];
    const reading = (async () => {
      for await (const { key, previousValue, value, changedBy } of config.changes()) {
        read.push(`${key}: ${previousValue} → ${value} by ${changedBy}`);
      }
    })();
    await config.set('a', '1');
    await config.set('a', '2');
    await config.delete('a');
    await config.close();
    await reading;
    expect(read).toEqual(['a: null → 1 by alice', 'a: 1 → 2 by alice', 'a: 2 → null by alice']);
    expect(() => config.changes()).toThrow(ClosedError);
  });
});

describe('a view', () => {
  it('reads like the instance did when it was taken', async () => {
    const config = await connect();
    await config.commit([
      { key: 'mode', value: 'shed' },
      { key: 'threshold', value: '10' },
    ]);
    {
      using view = config.snapshot();
      expect(config.snapshot()).toBe(view);
      await config.set('mode', 'defer');
      expect([view.get('mode'), view.get('missing', 'x'), view.size, view.head.revision]).toEqual(['shed', 'x', 2, 1]);
      expect(() => view.get('missing')).toThrow(KeyNotFoundError);
      expect(view.getAll()).toEqual({ mode: 'shed', threshold: '10' });
      expect(Object.isFrozen(view.getAll())).toBe(true);
      expect(view.entry('mode')).toMatchObject({ value: 'shed', revision: 1 });
    }
    expect(config.snapshot().get('mode')).toBe('defer');
  });
});

describe('options of a change', () => {
  it.each([
    ['an author without a name', { changedBy: '' }],
    ['an author that is no text', { changedBy: 5 }],
    ['a reason that is no text', { reason: {} }],
    ['a reason with NUL', { reason: 'a\0b' }],
    ['a reason without end', { reason: 'x'.repeat(2_001) }],
    ['an empty request id', { requestId: '' }],
    ['a request id with a space', { requestId: 'a b' }],
    ['a request id without end', { requestId: 'x'.repeat(129) }],
    ['notify as text', { notify: 'false' }],
  ])('refuse %s before anything is stored', async (_, options) => {
    const config = await connect();
    await expect(config.set('a', '1', options as never)).rejects.toBeInstanceOf(InvalidOptionError);
    expect(namespace.head.revision).toBe(0);
  });

  it('refuse a request id that stands for other changes', async () => {
    const config = await connect();
    await config.set('a', '1', { requestId: 'r' });
    await expect(config.set('b', '1', { requestId: 'r' })).rejects.toBeInstanceOf(InvalidOptionError);
    expect(config.getAll()).toEqual({ a: '1' });
  });
});

describe('subscribers', () => {
  it('get every commit whole and in order, even one that changes nothing', async () => {
    const [writer, reader] = [await connect(), await connect()];
    const updates: Update[] = [];
    const undo = reader.subscribe((update) => updates.push(update));
    await writer.set('a', '1');
    await writer.set('a', '1');
    undo();
    await writer.set('a', '2');
    expect(
      updates.map(({ head, previousHead, commit, changes }) => [
        previousHead.revision,
        head.revision,
        commit?.revision,
        changes.length,
      ]),
    ).toEqual([
      [0, 1, 1, 1],
      [1, 2, 2, 0],
    ]);
  });

  it('may throw without disturbing anybody', async () => {
    const messages: string[] = [];
    const config = await connect({ logger: { warn: () => {}, error: (message) => messages.push(message) } });
    config.subscribe(() => {
      throw new Error('oops');
    });
    await config.set('a', '1');
    expect(config.get('a')).toBe('1');
    expect(messages[0]).toContain('oops');
  });
});

describe('the watcher', () => {
  it('can be stopped and started again: nothing changes in between, everything after', async () => {
    const [writer, reader] = [await connect(), await connect()];
    expect([reader.watcherRunning, reader.status().state]).toEqual([true, 'live']);
    await reader.stopWatcher();
    await writer.set('a', '1');
    expect([reader.watcherRunning, reader.status().state, reader.get('a', null)]).toEqual([false, 'stale', null]);
    reader.startWatcher();
    await until('it is current', () => reader.get('a', null) === '1');
    expect(reader.status()).toMatchObject({
      state: 'live',
      revision: 1,
      entries: 1,
      location: 'memory',
      lastError: null,
    });
  });

  it('need not run to read once and to write', async () => {
    const [writer, other] = [await connect({ startWatcher: false }), await connect()];
    await other.set('a', '1');
    expect(writer.get('a', null)).toBeNull();
    await writer.set('b', '2');
    expect(writer.getAll()).toEqual({ a: '1', b: '2' });
  });

  it.each([0, -1, 3601, Number.NaN])('refuses a cacheTtl of %s seconds', async (cacheTtl) => {
    await expect(connect({ cacheTtl })).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it('leaves reads working after close, and refuses writes', async () => {
    const config = await connect();
    await config.set('a', '1');
    await config.close();
    await config.close();
    expect(config.get('a')).toBe('1');
    await expect(config.set('a', '2')).rejects.toBeInstanceOf(ClosedError);
    expect(() => config.startWatcher()).toThrow(ClosedError);
  });
});
