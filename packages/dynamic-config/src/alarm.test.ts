import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DynamicConfig } from './dynamic-config.ts';
import { MemoryNamespace } from './memory/memory-namespace.ts';
import { MemoryStore } from './memory/memory-store.ts';
import type { Change, CommitOptions, Head, LoggedCommit, Reading, Snapshot, StoreListener, Unwatch } from './store.ts';
import { until } from './testing/until.ts';

/** A store whose backend can lose everything, as a Redis does with FLUSHALL. */
class EmptiedStore extends MemoryStore {
  namespace = new MemoryNamespace();
  #backend = new MemoryStore(this.namespace);
  #listener: StoreListener = () => {};

  empty(): void {
    this.namespace = new MemoryNamespace();
    this.#backend = new MemoryStore(this.namespace);
    this.namespace.listeners.add(this.#listener);
    this.#listener({ type: 'invalidated', keys: null, explained: false });
  }

  override async load(): Promise<Snapshot> {
    return this.#backend.load();
  }

  override async read(keys: readonly string[]): Promise<Reading> {
    return this.#backend.read(keys);
  }

  override async head(): Promise<Head> {
    return this.#backend.head();
  }

  override async commit(changes: readonly Change[], options: CommitOptions): Promise<LoggedCommit> {
    return this.#backend.commit(changes, options);
  }

  override watch(listener: StoreListener): Unwatch {
    this.#listener = listener;
    return this.#backend.watch(listener);
  }
}

let store: EmptiedStore;
let config: DynamicConfig;
let logged: string[];
let alarms: (readonly string[] | null)[];

beforeEach(async () => {
  store = new EmptiedStore();
  logged = [];
  alarms = [];
  const logger = { warn: () => {}, error: (message: string) => void logged.push(message) };
  config = await DynamicConfig.connect(store, { logger });
  await config.commit(['c', 'a', 'b'].map((key) => ({ key, value: '1' })));
  config.onStateChange((_, { alarm }) => void alarms.push(alarm?.keys ?? null));
  store.empty();
  await until('the alarm', () => config.status().alarm !== null);
});
afterEach(() => config.close());

it('an alarm names the keys that were lost, sorted, until the last of them is written again', async () => {
  expect(config.status().alarm?.keys).toEqual(['a', 'b', 'c']);
  await config.set('b', '2');
  expect(config.status().alarm?.keys).toEqual(['a', 'c']);
  store.namespace.writeRaw('a', '2');
  await until('the raw write is seen', () => config.get('a') === '2');
  expect(config.status().alarm?.keys).toEqual(['c']);
  await config.acceptLoss();
  expect(config.status().alarm).toBeNull();
  expect([alarms, logged]).toEqual([[['a', 'b', 'c'], null], [expect.stringContaining('has lost 3 entries')]]);
});

it('an alarm is made once, however many look at it and whatever else is written, until its keys change', async () => {
  await config.set('other', '1');
  const { alarm } = config.status();
  await config.set('other', '2');
  expect(config.status().alarm).toBe(alarm);
  await config.set('b', '2');
  expect(config.status().alarm).not.toBe(alarm);
  expect([alarm?.keys, config.status().alarm?.keys]).toEqual([
    ['a', 'b', 'c'],
    ['a', 'c'],
  ]);
});

it('the keys of an alarm are sorted when somebody looks at them, once', async () => {
  await config.set('b', '2');
  const sorting = vi.spyOn(Array.prototype, 'toSorted');
  const { alarm } = config.status();
  config.status();
  expect(sorting).not.toHaveBeenCalled();
  expect(alarm?.keys).toBe(alarm?.keys);
  expect(sorting).toHaveBeenCalledOnce();
  sorting.mockRestore();
});
