import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClosedError, RevisionConflictError } from '../errors.ts';
import type { Change, CommitOptions, ConfigStore, LoggedCommit, SettingDescription, StoreEvent } from '../store.ts';
import { until } from './until.ts';

const LIMIT: SettingDescription = {
  type: 'integer',
  rule: { min: 1, max: 100 },
  jsonSchema: { type: 'integer', minimum: 1, maximum: 100 },
  default: null,
  description: null,
  unit: null,
  deprecated: null,
  requiresRestart: false,
  isSecret: false,
};

/** One empty namespace, and stores on it. */
export interface ConfigStoreFixture {
  readonly store: ConfigStore;
  /** Another store on the same namespace, as another process would open it; may be `store` itself where only one can be. */
  readonly other: ConfigStore;
  /** Whom the store records as author, where it doesn't take the caller's word. */
  readonly author?: string;
  close(): Promise<void>;
}

/**
 * The contract of `ConfigStore`, as tests (vitest). Call it with a function that opens an empty namespace.
 *
 * @example
 * describeConfigStore('MyStore', async () => {
 *   const store = await MyStore.open();
 *   return { store, other: store, close: () => store.close() };
 * });
 */
export function describeConfigStore(name: string, open: () => Promise<ConfigStoreFixture>): void {
  describe(`${name} keeps the contract of a store`, () => {
    let fixture: ConfigStoreFixture;
    let store: ConfigStore;

    beforeEach(async () => {
      fixture = await open();
      store = fixture.store;
    });
    afterEach(async () => {
      await fixture.close();
    });

    const commit = (
      changes: Record<string, string | null>,
      options: Partial<CommitOptions> = {},
      from = store,
    ): Promise<LoggedCommit> => from.commit(toChanges(changes), { ...defaults(), ...options });
    const author = (): string => fixture.author ?? 'alice';

    it('keeps what services declare, once for each version, and when they were last seen', async () => {
      const description = { ...LIMIT, default: '10', description: 'Alerts a second', unit: 'alerts/s' };
      const older = { service: 'forwarder', version: '1.0', settings: { limit: LIMIT } };
      const newer = { service: 'forwarder', version: '2.0', settings: { limit: description } };
      await store.register(older);
      await fixture.other.register(newer);
      const { nowMs, registrations } = await store.registrations();
      expect(registrations.map(({ version }) => version).toSorted()).toEqual(['1.0', '2.0']);
      expect(registrations.find(({ version }) => version === '2.0')).toMatchObject(newer);
      await store.register(older);
      const again = (await fixture.other.registrations()).registrations;
      const [before, after] = [registrations, again].map((all) => all.find(({ version }) => version === '1.0'));
      expect(again).toHaveLength(2);
      expect(after?.registeredAtMs).toBe(before?.registeredAtMs);
      expect(after?.seenAtMs).toBeGreaterThanOrEqual(before?.seenAtMs ?? Infinity);
      expect(Math.abs(nowMs - (after?.seenAtMs ?? 0))).toBeLessThan(60_000);
    });

    it('refuses a registration of a service without a name', async () => {
      const nameless = store.register({ service: '', version: '1', settings: {} });
      await expect(nameless).rejects.toMatchObject({ code: 'option_invalid' });
    });

    it('begins without entries, at revision 0', async () => {
      const { head, entries } = await store.load();
      expect([head.revision, entries.size]).toEqual([0, 0]);
    });

    it('loads what was committed, with revision, time and author', async () => {
      const committed = await commit({ interval: '300' }, { reason: 'incident 4711' });
      const { head, entries } = await store.load();
      expect(head).toMatchObject({ epoch: committed.epoch, revision: 1, hash: committed.hash });
      expect(entries.get('interval')).toEqual({
        value: '300',
        revision: 1,
        changedAtMs: committed.changedAtMs,
        changedBy: author(),
      });
      expect(Math.abs(committed.changedAtMs - Date.now())).toBeLessThan(60_000);
    });

    it('says of a commit what it changed and what was there before', async () => {
      await commit({ a: '1', gone: 'x' });
      expect(await commit({ a: '2', b: '3', gone: null }, { reason: 'why' })).toMatchObject({
        revision: 2,
        changes: [
          { key: 'a', value: '2' },
          { key: 'b', value: '3' },
          { key: 'gone', value: null },
        ],
        previousValues: ['1', null, 'x'],
        changedBy: author(),
        reason: 'why',
        source: 'commit',
      });
    });

    it('chains its commits: each names the hash before it, and the head is the last', async () => {
      const commits = [await commit({ a: '1' }), await commit({ a: '2' }), await commit({ a: null })];
      expect(commits.map(({ previousHash }) => previousHash)).toEqual(['', commits[0]?.hash, commits[1]?.hash]);
      expect(new Set(commits.map(({ hash }) => hash)).size).toBe(3);
      const { epoch, revision, hash } = commits[2] as LoggedCommit;
      expect(await store.head()).toEqual({ epoch, revision, hash });
    });

    it('deletes', async () => {
      await commit({ a: '1', b: '2' });
      await commit({ a: null });
      expect([...(await store.load()).entries.keys()]).toEqual(['b']);
    });

    it.each([
      ['empty', ''],
      ['of several lines', 'a\r\nb\n'],
      ['with NUL and control characters', 'a\u0000b\u001b[31m'],
      ['of emoji and right-to-left script', '👩‍🚀 שלום \u202e'],
      ['with the replacement character', 'a\ufffdb'],
      ['that looks like JSON', '{"a":[1e400,"\\u0000"]}'],
      ['that looks like a large number', '9007199254740993'],
      ['of 1 MiB', 'é'.repeat(512 * 1024)],
    ])('keeps a value %s to the byte', async (_, value) => {
      await commit({ k: value });
      expect((await store.load()).entries.get('k')?.value).toBe(value);
      expect((await store.read(['k'])).entries.get('k')?.value).toBe(value);
      expect((await last(fixture.other))?.changes).toEqual([{ key: 'k', value }]);
    });

    it.each(['__proto__', 'constructor', 'a:b/c.d-e_F', 'x'.repeat(256)])('takes the key %s', async (key) => {
      await commit({ [key]: 'v' });
      expect((await store.load()).entries.get(key)?.value).toBe('v');
    });

    it('reads some keys, atomically with the head', async () => {
      await commit({ a: '1', b: '2' });
      const { head, entries } = await store.read(['b', 'missing']);
      expect(head.revision).toBe(1);
      expect(entries.get('b')?.value).toBe('2');
      expect(entries.get('missing')).toBeNull();
    });

    it('commits on the revision of the namespace, and writes nothing on a stale one', async () => {
      await commit({ a: '1' });
      await commit({ a: '2' }, { ifRevision: 1 });
      await expect(commit({ a: '3', b: '3' }, { ifRevision: 1 })).rejects.toSatisfy(isConflict(null, 1, 2));
      expect([...(await store.load()).entries].map(([key, { value }]) => [key, value])).toEqual([['a', '2']]);
    });

    it('commits on the revision of a key, and writes nothing on a stale one', async () => {
      await commit({ a: '1' });
      await commit({ b: '1' });
      await store.commit([{ key: 'a', value: '2', ifRevision: 1 }], defaults());
      const stale = store.commit(
        [
          { key: 'c', value: '9', ifRevision: null },
          { key: 'a', value: '9', ifRevision: 1 },
        ],
        defaults(),
      );
      await expect(stale).rejects.toSatisfy(isConflict('a', 1, 3));
      const taken = store.commit([{ key: 'b', value: '9', ifRevision: 0 }], defaults());
      await expect(taken).rejects.toSatisfy(isConflict('b', 0, 2));
      expect((await store.head()).revision).toBe(3);
      await store.commit([{ key: 'c', value: '1', ifRevision: 0 }], defaults());
    });

    it('keeps what a change belongs to elsewhere', async () => {
      await commit({ a: '1' }, { correlationId: 'incident-4711' });
      await commit({ a: '2' });
      const told: (string | null)[] = [];
      for await (const { correlationId } of store.history({ afterRevision: 0 })) told.push(correlationId);
      expect(told[0]).toBe('incident-4711');
      expect(told).toHaveLength(2);
    });

    it('applies a request once, however often it is sent', async () => {
      const first = await commit({ a: '1' }, { requestId: 'request-1' });
      await commit({ a: '2' });
      const again = await commit({ a: '1' }, { requestId: 'request-1' }, fixture.other);
      expect(again).toEqual(first);
      expect((await store.load()).entries.get('a')?.value).toBe('2');
    });

    it('lets one of many racing commits on a revision win', async () => {
      await commit({ counter: '0' });
      const races = Array.from({ length: 10 }, (_, n) =>
        (n % 2 ? store : fixture.other).commit([{ key: 'counter', value: String(n), ifRevision: 1 }], defaults()),
      );
      const results = await Promise.allSettled(races);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await store.head()).revision).toBe(2);
    });

    it('keeps the history in order, from any revision', async () => {
      for (const value of ['1', '2', '3']) await commit({ a: value });
      const commits: LoggedCommit[] = [];
      for await (const logged of fixture.other.history({ afterRevision: 1 })) commits.push(logged);
      expect(
        commits.map(({ revision, changes, previousValues }) => [revision, changes[0]?.value, previousValues[0]]),
      ).toEqual([
        [2, '2', '1'],
        [3, '3', '2'],
      ]);
    });

    it('tells a watcher of each commit, whole and in order, whoever made it', async () => {
      const events = await watch(store);
      const commits = [await commit({ a: '1', b: '1' }), await commit({ a: '2', b: null }, {}, fixture.other)];
      const committed = await until('both commits announced', () => {
        const seen = events.flatMap((event) => (event.type === 'committed' ? [event.commit] : []));
        return seen.length >= 2 && seen;
      });
      expect(committed).toEqual(commits.map(announced));
    });

    it('tells a watcher of a commit that was not to be announced, without its values', async () => {
      const events = await watch(store);
      await commit({ quiet: '1' }, { notify: false }, fixture.other);
      await until('the key invalidated', () =>
        events.some((event) => event.type === 'invalidated' && event.keys?.includes('quiet')),
      );
      expect(events.some((event) => event.type === 'committed')).toBe(false);
    });

    it('delivers nothing after watching was stopped', async () => {
      const events: StoreEvent[] = [];
      const unwatch = store.watch((event) => events.push(event));
      await until('connected', () => events.length > 0);
      await unwatch();
      const before = events.length;
      await commit({ a: '1' });
      await store.load();
      expect(events.length).toBe(before);
    });

    it('rejects every call after close, and closes twice without complaint', async () => {
      await store.close();
      await store.close();
      const calls = [store.load(), store.read(['a']), store.head(), commit({ a: '1' }), last(store)];
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: 'rejected', reason: expect.any(ClosedError) });
      }
    });
  });
}

function defaults(): CommitOptions {
  return { requestId: randomUUID(), changedBy: 'alice', reason: null, notify: true, ifRevision: null };
}

function toChanges(changes: Record<string, string | null>): Change[] {
  return Object.entries(changes).map(([key, value]) => ({ key, value, ifRevision: null }));
}

async function watch(store: ConfigStore): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  store.watch((event) => events.push(event));
  await until('connected', () => events.some(({ type }) => type === 'connected'));
  return events;
}

async function last(store: ConfigStore): Promise<LoggedCommit | undefined> {
  let logged: LoggedCommit | undefined;
  for await (logged of store.history({ afterRevision: 0 }));
  return logged;
}

/** A commit as a push carries it: without what it replaced. */
function announced(commit: LoggedCommit): Record<string, unknown> {
  const { previousValues: _, ...rest } = commit;
  return rest;
}

function isConflict(key: string | null, expected: number, current: number): (error: unknown) => boolean {
  return (error) =>
    error instanceof RevisionConflictError &&
    error.key === key &&
    error.expectedRevision === expected &&
    error.currentRevision === current;
}
