import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryNamespace, MemoryStore } from '@mutt/dynamic-config';
import type { LoggedCommit } from '@mutt/dynamic-config';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import type { Database } from '../database/database.ts';
import { AuditFeed } from './audit-feed.ts';
import { AuditTrail } from './audit-trail.ts';
import { fromAuditRow } from './audit-row.ts';
import type { AuditRecord } from './audit-record.ts';
import { verifyTrail } from './audit-verify.ts';

const logger = { warn: () => {}, error: () => {} };

describe.each(DATABASES)('the audit trail in $name', (kind) => {
  let test: TestDatabase;
  let database: Database;
  let namespace: MemoryNamespace;
  let store: MemoryStore;
  let trail: AuditTrail;
  let feed: AuditFeed;
  let held: number[];

  beforeAll(async () => {
    test = await kind.start();
    database = test.database;
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    await test.reset();
    open(new MemoryNamespace());
    trail = new AuditTrail(database);
    held = [];
    feed = feedOf(store);
  });
  afterEach(() => feed.close());

  function open(opened: MemoryNamespace): void {
    namespace = opened;
    store = new MemoryStore(namespace);
  }

  function feedOf(from: Pick<MemoryStore, 'head' | 'history'>): AuditFeed {
    return new AuditFeed({
      store: from,
      trail,
      hold: async (_, revision) => void held.push(revision),
      logger,
    });
  }

  async function records(): Promise<AuditRecord[]> {
    const rows = await database.run((db) => db.selectFrom('config_audit_log').selectAll().orderBy('id').execute());
    return rows.map(fromAuditRow);
  }

  async function commit(values: Record<string, string | null>, reason: string | null = null): Promise<LoggedCommit> {
    const changes = Object.entries(values).map(([key, value]) => ({ key, value, ifRevision: null }));
    return store.commit(changes, {
      requestId: crypto.randomUUID(),
      changedBy: 'alice',
      reason,
      notify: true,
      ifRevision: null,
      correlationId: 'ticket-1',
    });
  }

  async function assertIntact(): Promise<void> {
    expect(await verifyTrail(database)).toMatchObject({ problem: null });
  }

  it('tells of each key who changed it, when, from what to what, and why', async () => {
    await commit({ a: '1', b: '2' }, 'a start');
    await commit({ a: '3' });
    await commit({ b: null });
    await feed.catchUp();
    expect(await records()).toMatchObject([
      {
        id: 1,
        operation: 'CREATE',
        key: 'a',
        oldValues: null,
        newValues: '{"key":"a","value":"1"}',
        reason: 'a start',
      },
      { id: 2, operation: 'CREATE', key: 'b', revision: 1, changedBy: 'alice', correlationId: 'ticket-1' },
      { id: 3, operation: 'UPDATE', oldValues: '{"key":"a","value":"1"}', newValues: '{"key":"a","value":"3"}' },
      { id: 4, operation: 'DELETE', oldValues: '{"key":"b","value":"2"}', newValues: null, source: 'commit' },
    ]);
    await assertIntact();
  });

  it('gives a key the same record id in every process', async () => {
    await commit({ moog_rate_limit: '1' });
    await feed.catchUp();
    expect((await records())[0]?.recordId).toBe(3_591_669_754_038_013);
  });

  it('tells what was written out of band, with what was there before', async () => {
    await commit({ a: '1' });
    namespace.writeRaw('a', 'past us');
    namespace.writeRaw('b', 'new');
    await commit({ a: '2', b: '2' });
    await feed.catchUp();
    expect(await records()).toMatchObject([
      { key: 'a', source: 'commit' },
      { key: 'a', source: 'out-of-band', operation: 'UPDATE', changedBy: null, oldValues: '{"key":"a","value":"1"}' },
      { key: 'b', source: 'out-of-band', operation: 'CREATE', oldValues: null },
      { key: 'a', oldValues: '{"key":"a","value":"past us"}' },
      { key: 'b' },
    ]);
    await assertIntact();
  });

  it('lets the log be trimmed only below what it has', async () => {
    await commit({ a: '1' });
    await commit({ a: '2' });
    await feed.catchUp();
    await feed.catchUp();
    expect(held).toEqual([0, 2]);
  });

  it('has each change once, whoever brings it: several feeds at the same time', async () => {
    const feeds = [feed, feedOf(store), feedOf(store)];
    for (let n = 0; n < 30; n++) {
      await commit({ a: String(n) });
      if (n % 3 === 0) void Promise.all(feeds.map((one) => one.catchUp()));
    }
    await Promise.all(feeds.map((one) => one.catchUp()));
    await Promise.all(feeds.slice(1).map((one) => one.close()));
    expect((await records()).map(({ revision }) => revision)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
    await assertIntact();
  });

  it('records what a log had lost before it was read', async () => {
    for (let n = 0; n < 5; n++) await commit({ a: String(n) });
    await feed.catchUp();
    for (let n = 5; n < 9; n++) await commit({ a: String(n) });
    namespace.log.splice(0, 7);
    await feed.catchUp();
    expect((await records()).slice(5)).toMatchObject([
      { operation: 'GAP', key: null, source: 'gap', reason: 'Revisions 6 to 7 were missing from the log.' },
      { revision: 8 },
      { revision: 9 },
    ]);
    expect(feed.status.gaps).toBe(1);
    await assertIntact();
  });

  it('records that a log is gone, and goes on after it', async () => {
    for (let n = 0; n < 3; n++) await commit({ a: String(n) });
    await feed.catchUp();
    await commit({ a: '3' });
    await commit({ a: '4' });
    namespace.log.length = 0;
    await feed.catchUp();
    await commit({ a: '5' });
    await feed.catchUp();
    expect((await records()).slice(3)).toMatchObject([
      { operation: 'GAP', revision: 5, reason: 'Revisions 4 to 5 were missing from the log.' },
      { operation: 'UPDATE', revision: 6 },
    ]);
    await assertIntact();
  });

  it('records that the store began a new history', async () => {
    await commit({ a: '1' });
    await feed.catchUp();
    open(new MemoryNamespace());
    await commit({ a: '1' });
    await feed.close();
    feed = feedOf(store);
    await feed.catchUp();
    const told = await records();
    expect(told).toMatchObject([
      { revision: 1 },
      { operation: 'GAP', revision: 1 },
      { operation: 'CREATE', revision: 1 },
    ]);
    expect(told[1]?.reason).toContain('new history');
    await assertIntact();
  });

  it('records that the store went back, and both histories', async () => {
    for (let n = 0; n < 5; n++) await commit({ a: String(n) });
    const lost = namespace;
    await feed.catchUp();
    await feed.close();
    // A failover: the same epoch, without the last two revisions, one of which is then taken by another change.
    open(await withHistoryOf(lost, 3));
    await commit({ a: 'other' });
    feed = feedOf(store);
    await feed.catchUp();
    const told = await records();
    expect(told.map(({ operation, revision }) => [operation, revision]).slice(5)).toEqual([
      ['GAP', 4],
      ['UPDATE', 4],
    ]);
    expect(told[5]?.reason).toContain('lost what it had after revision 3');
    await feed.catchUp();
    expect(await records()).toHaveLength(7);
    await assertIntact();
  });

  it('begins with what the log still has, on a store that is older than it', async () => {
    for (let n = 0; n < 5; n++) await commit({ a: String(n) });
    namespace.log.splice(0, 2);
    await feed.catchUp();
    expect((await records()).map(({ operation, revision }) => [operation, revision])).toEqual([
      ['GAP', 3],
      ['UPDATE', 3],
      ['UPDATE', 4],
      ['UPDATE', 5],
    ]);
  });

  it('loses nothing while the store is emptied and nothing new is written', async () => {
    await commit({ a: '1' });
    await feed.catchUp();
    await feed.close();
    feed = feedOf(new MemoryStore());
    await feed.catchUp();
    expect(await records()).toHaveLength(1);
  });

  it('keeps any value, and finds its hash again', async () => {
    await commit({ a: 'nul \0, quotes "\\, \u2028, \u{1f600}, \u202e', b: '' });
    await feed.catchUp();
    expect((await records()).map(({ newValues }) => (JSON.parse(newValues ?? '') as { value: string }).value)).toEqual([
      'nul \0, quotes "\\, \u2028, \u{1f600}, \u202e',
      '',
    ]);
    await assertIntact();
  });
});

/** A namespace with the first revisions of another one. */
async function withHistoryOf(other: MemoryNamespace, revisions: number): Promise<MemoryNamespace> {
  const times = other.log.map(({ changedAtMs }) => changedAtMs);
  const namespace = new MemoryNamespace({ now: () => times.shift() ?? 0, newEpoch: () => other.head.epoch });
  for (const { changes, requestId, changedBy, reason, correlationId } of other.log.slice(0, revisions)) {
    namespace.commit(
      changes.map((change) => ({ ...change, ifRevision: null })),
      { requestId: requestId ?? '', changedBy: changedBy ?? '', reason, correlationId, notify: true, ifRevision: null },
    );
  }
  return namespace;
}
