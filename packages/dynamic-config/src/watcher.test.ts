import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { DynamicConfig } from './dynamic-config.ts';
import { StoreRefusedError, StoreUnavailableError } from './errors.ts';
import { MemoryNamespace } from './memory/memory-namespace.ts';
import { MemoryStore } from './memory/memory-store.ts';
import type { Head, Snapshot, StoreListener, Unwatch } from './store.ts';
import { until } from './testing/index.ts';

/** Time that passes when a test says so. */
class ManualClock implements Clock {
  #now = 0;
  #tasks: { at: number; task: () => void }[] = [];

  readonly now = (): number => this.#now;

  after(delayMs: number, task: () => void): () => void {
    const planned = { at: this.#now + delayMs, task };
    this.#tasks.push(planned);
    return () => (this.#tasks = this.#tasks.filter((one) => one !== planned));
  }

  /** Lets time pass, task by task; what the tasks await goes on after each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#tasks.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((one) => one !== next);
      this.#now = next.at;
      next.task();
      await settled();
    }
    this.#now = end;
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A store in memory that can fall silent, fail, and lose its connection. */
class SickStore extends MemoryStore {
  silent = false;
  isDeaf = false;
  failure: Error | null = null;
  loads = 0;
  heads = 0;
  listener: StoreListener = () => {};

  override watch(listener: StoreListener): Unwatch {
    this.listener = listener;
    return super.watch((event) => {
      if (!this.isDeaf) listener(event);
    });
  }

  override async head(): Promise<Head> {
    this.heads += 1;
    await this.#suffer();
    return super.head();
  }

  override async load(): Promise<Snapshot> {
    this.loads += 1;
    await this.#suffer();
    return super.load();
  }

  async #suffer(): Promise<void> {
    if (this.silent) await new Promise(() => {});
    if (this.failure !== null) throw this.failure;
  }
}

async function start(): Promise<{
  clock: ManualClock;
  store: SickStore;
  namespace: MemoryNamespace;
  config: DynamicConfig;
  states: string[];
}> {
  const clock = new ManualClock();
  const namespace = new MemoryNamespace();
  const store = new SickStore(namespace);
  const config = await DynamicConfig.connect(store, { clock, cacheTtl: 5 });
  const states: string[] = [];
  config.onStateChange((state) => void states.push(state));
  return { clock, store, namespace, config, states };
}

const unavailable = new StoreUnavailableError('The connection was lost.');

describe('the state of an instance', () => {
  it('stays live while checks succeed, for as long as that may be', async () => {
    const { clock, config, states } = await start();
    await clock.pass(10 * 60_000);
    expect([config.status().state, states]).toEqual(['live', []]);
    expect(config.status().ageMs).toBeLessThanOrEqual(5_000);
  });

  it('is stale as soon as the store was silent for cacheTtl, and live again with the next answer', async () => {
    const { clock, store, config, states } = await start();
    await clock.pass(4_000);
    store.silent = true;
    await clock.pass(1_000);
    expect(config.watcherRunning).toBe(true);
    await clock.pass(1);
    expect([states, config.watcherRunning]).toEqual([['stale'], false]);
    store.silent = false;
    await clock.pass(5_000);
    expect([states, config.watcherRunning]).toEqual([['stale', 'live'], true]);
  });

  it('is offline with the connection, and live only when everything was loaded that may have been missed', async () => {
    const { clock, store, config, states } = await start();
    store.listener({ type: 'disconnected', error: unavailable });
    expect([states, config.status().mode, config.status().lastError]).toEqual([['offline'], null, unavailable]);
    store.failure = new StoreRefusedError('LOADING');
    store.listener({ type: 'connected', pushesWrites: true });
    await clock.pass(0);
    expect(states).toEqual(['offline', 'stale']);
    store.failure = null;
    await clock.pass(2_000);
    expect([states, config.status().lastError]).toEqual([['offline', 'stale', 'live'], null]);
  });

  it('is not live by a load that had left before the connection was lost', async () => {
    const { clock, store, config, states } = await start();
    await config.set('k', '1');
    const load = store.load.bind(store);
    const snapshot = await load();
    let arrive = (): void => {};
    store.load = () => new Promise((resolve) => (arrive = () => resolve(snapshot)));
    store.listener({ type: 'invalidated', keys: null, explained: false });
    await clock.pass(0);
    store.listener({ type: 'disconnected', error: unavailable });
    store.listener({ type: 'connected', pushesWrites: true });
    store.load = () => Promise.reject(new StoreUnavailableError('LOADING'));
    arrive();
    await clock.pass(0);
    expect(states).toEqual(['offline', 'stale']);
    store.load = load;
    await clock.pass(2_000);
    expect(states).toEqual(['offline', 'stale', 'live']);
  });

  it('does not take the head for proof while what was asked for cannot be read', async () => {
    const { clock, store, states } = await start();
    store.listener({ type: 'invalidated', keys: null, explained: false });
    await clock.pass(0);
    const { loads } = store;
    store.load = () => Promise.reject(new StoreRefusedError('NOPERM'));
    store.listener({ type: 'invalidated', keys: null, explained: false });
    await clock.pass(20_000);
    expect([loads, states]).toEqual([2, ['stale']]);
  });

  it('is polling where writes are not announced: everything is loaded within cacheTtl', async () => {
    const { clock, store, namespace, config, states } = await start();
    store.listener({ type: 'connected', pushesWrites: false });
    await clock.pass(0);
    expect([states, config.status().mode, config.watcherRunning]).toEqual([['stale', 'polling'], 'polling', true]);
    namespace.listeners.clear();
    namespace.writeRaw('k', '1');
    await clock.pass(5_000);
    expect(config.get('k', null)).toBe('1');
  });

  it('is told to listeners that fail without disturbing the others', async () => {
    const { store, config, states } = await start();
    const more: string[] = [];
    config.onStateChange(() => {
      throw new Error('a listener');
    });
    const stop = config.onStateChange((state, status) => void more.push(`${state} ${status.state}`));
    store.listener({ type: 'disconnected', error: unavailable });
    stop();
    await config.stopWatcher();
    expect([more, states]).toEqual([['offline offline'], ['offline', 'stale']]);
  });
});

describe('a check', () => {
  it('finds a gap: what was not announced is fetched, commit by commit', async () => {
    const { clock, namespace, config } = await start();
    await config.set('k', '0');
    const seen: (number | undefined)[] = [];
    config.subscribe(({ commit }) => void seen.push(commit?.revision));
    namespace.listeners.clear();
    const options = { changedBy: 'a', reason: null, notify: true, ifRevision: null };
    for (const value of ['1', '2', '3']) {
      namespace.commit([{ key: 'k', value, ifRevision: null }], { ...options, requestId: value });
    }
    await clock.pass(5_000);
    expect([config.get('k', null), seen]).toEqual(['3', [2, 3, 4]]);
  });
});

describe('a key that a commit accounts for', () => {
  it('is looked at all the same, soon: somebody else may have written it in the same breath', async () => {
    const { clock, store, namespace, config } = await start();
    await config.set('k', '1');
    namespace.listeners.clear();
    namespace.writeRaw('k', '2');
    store.listener({ type: 'invalidated', keys: ['k'], explained: true });
    await clock.pass(1_000);
    expect(config.get('k')).toBe('2');
  });
});

describe('while others write without end', () => {
  const keys = Array.from({ length: 60 }, (_, n) => `key_${n}`);

  it('a commit is confirmed when it is made, whatever else is still to be read', async () => {
    const { store, config } = await start();
    const read = store.read.bind(store);
    let reads = 0;
    store.read = async (asked) => {
      reads += 1;
      await new Promise((resolve) => setImmediate(resolve));
      // While a few are read, all of them are written again.
      store.listener({ type: 'invalidated', keys, explained: false });
      return read(asked);
    };
    await config.set('before', '1');
    store.listener({ type: 'invalidated', keys, explained: false });
    await config.set('ours', '1');
    expect(config.get('ours')).toBe('1');
    expect(reads).toBeLessThan(10);
    store.read = read;
  });

  it('the head proves nothing before what was in doubt then is read', async () => {
    const { clock, store, config, states } = await start();
    store.read = () => new Promise(() => {});
    store.listener({ type: 'invalidated', keys, explained: false });
    await clock.pass(5_001);
    expect([states, config.watcherRunning]).toEqual([['stale'], false]);
  });
});

describe('a connection that is lost', () => {
  it('leaves the error to be seen, though another one still answers', async () => {
    const { clock, store, config } = await start();
    store.listener({ type: 'disconnected', error: unavailable });
    await clock.pass(20_000);
    expect(config.status()).toMatchObject({ state: 'offline', lastError: unavailable });
    expect(config.status().ageMs).toBeGreaterThanOrEqual(20_000);
  });
});

describe('a history that cannot be read', () => {
  it('is made up for by a load', async () => {
    const { clock, store, namespace, config } = await start();
    await config.set('k', '0');
    namespace.listeners.clear();
    const options = { changedBy: 'a', reason: null, notify: true, ifRevision: null };
    for (const value of ['1', '2']) {
      namespace.commit([{ key: 'k', value, ifRevision: null }], { ...options, requestId: value });
    }
    // oxlint-disable-next-line require-yield -- it fails before there is anything
    store.history = async function* () {
      throw new StoreUnavailableError('The page was too large.');
    };
    await clock.pass(10_000);
    expect([config.get('k'), config.status().state]).toEqual(['2', 'live']);
  });
});

describe('after a reconnect', () => {
  it('callbacks are told who changed what, and why, of what was missed', async () => {
    const { store, namespace, config } = await start();
    await config.set('k', '1');
    const told: unknown[] = [];
    config.registerCallback('k', (_, value, { changedBy, reason, source }) => {
      told.push([value, changedBy, reason, source]);
    });
    store.listener({ type: 'disconnected', error: unavailable });
    namespace.listeners.clear();
    const options = { requestId: 'r', changedBy: 'bob', reason: 'cleaned up', notify: true, ifRevision: null };
    namespace.commit([{ key: 'k', value: null, ifRevision: null }], options);
    store.listener({ type: 'connected', pushesWrites: true });
    await until('the callback is told', () => told.length > 0);
    expect(told).toEqual([[undefined, 'bob', 'cleaned up', 'commit']]);
  });
});

describe('a proof that is asked for', () => {
  it('is no older than the question: what was committed before is there', async () => {
    const namespace = new MemoryNamespace();
    const store = new SickStore(namespace);
    const clock = new ManualClock();
    const config = await DynamicConfig.connect(store, { clock });
    const other = await DynamicConfig.connect(new MemoryStore(namespace));
    // Deaf to what is announced.
    store.isDeaf = true;
    for (const value of ['1', '2', '3']) {
      await other.set('k', value);
      const proven = Promise.all([config.prove(), config.prove(), config.prove()]);
      await clock.pass(100);
      await proven;
      expect(config.get('k')).toBe(value);
    }
    await other.close();
    await config.close();
  });

  it('costs the store a question at once for the first who asks, and one in 100 ms for all others', async () => {
    const clock = new ManualClock();
    const store = new SickStore(new MemoryNamespace());
    const config = await DynamicConfig.connect(store, { clock });
    const before = store.heads;
    await config.prove();
    expect(store.heads).toBe(before + 1);
    const proofs: Promise<void>[] = [];
    for (let n = 0; n < 50; n++) {
      proofs.push(config.prove());
      await clock.pass(10);
    }
    await clock.pass(100);
    await Promise.all(proofs);
    expect(store.heads).toBe(before + 6);
    await config.close();
  });

  it('is refused, with the reason, while the store fails or the watcher is stopped', async () => {
    const clock = new ManualClock();
    const store = new SickStore(new MemoryNamespace());
    const config = await DynamicConfig.connect(store, { clock });
    const prove = async (): Promise<unknown> => {
      await clock.pass(100);
      return Promise.all([config.prove(), config.prove()]);
    };
    store.failure = new StoreUnavailableError('It is gone.');
    await expect(prove()).rejects.toThrow('It is gone.');
    store.failure = null;
    await prove();
    store.listener({ type: 'disconnected', error: new StoreUnavailableError('The line is cut.') });
    await expect(prove()).rejects.toThrow('The line is cut.');
    await config.stopWatcher();
    await expect(prove()).rejects.toBeInstanceOf(StoreUnavailableError);
    await config.close();
  });
});
