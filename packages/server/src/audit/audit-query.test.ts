import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryNamespace, MemoryStore } from '@mutt/dynamic-config';
import { DATABASES } from '../../test/databases.ts';
import type { TestDatabase } from '../../test/databases.ts';
import { AuditFeed } from './audit-feed.ts';
import { selectFigures } from './audit-figures.ts';
import { exportAudit, selectAuditPage } from './audit-query.ts';
import type { AuditFilter } from './audit-query.ts';
import { dropBefore } from './audit-retention.ts';
import { AuditTrail } from './audit-trail.ts';
import { selectTrends } from './audit-trends.ts';
import { verifyTrail } from './audit-verify.ts';
import { isOurHead, signHead } from './signed-head.ts';

const HOUR = 3_600_000;
const NOON = Date.parse('2026-06-01T12:00:00Z');

describe.each(DATABASES)('records of the audit trail in $name', (kind) => {
  let test: TestDatabase;
  let trail: AuditTrail;

  beforeAll(async () => {
    test = await kind.start();
    let now = NOON;
    const namespace = new MemoryNamespace({ now: () => now, newEpoch: () => 'epoch' });
    const store = new MemoryStore(namespace);
    const commit = (by: string, why: string | null, values: Record<string, string | null>): void => {
      const changes = Object.entries(values).map(([key, value]) => ({ key, value, ifRevision: null }));
      const options = { requestId: crypto.randomUUID(), changedBy: by, reason: why, notify: true, ifRevision: null };
      namespace.commit(changes, { ...options, correlationId: `c-${namespace.head.revision}` });
      now += HOUR;
    };
    commit('alice', 'first of all', { moog_rate_limit: '1', alerter_mode: 'dlq' });
    commit('bob', 'incident 4711', { moog_rate_limit: '2' });
    commit('alice', null, { moog_rate_limit: null });
    namespace.writeRaw('moog_secret', '=1+1');
    commit('carol', 'later', { moog_secret: '2' });
    trail = new AuditTrail(test.database);
    const feed = new AuditFeed({ store, trail, hold: async () => {}, logger: { warn() {}, error() {} } });
    await feed.catchUp();
    await feed.close();
  });
  afterAll(() => test.stop());

  async function ids(filter: AuditFilter): Promise<number[]> {
    return (await selectAuditPage(test.database, filter, { limit: 100 })).map(({ id }) => id);
  }

  it.each<[string, AuditFilter, number[]]>([
    ['nothing', {}, [6, 5, 4, 3, 2, 1]],
    ['a pattern of keys', { keys: ['*_mode'] }, [2]],
    ['several patterns', { keys: ['*_mode', 'moog_s*'] }, [6, 5, 2]],
    ['a pattern that no key has', { keys: ['nothing_*'] }, []],
    ['who', { actor: 'alice' }, [4, 2, 1]],
    ['an operation', { operation: 'DELETE' }, [4]],
    ['a source', { source: 'out-of-band' }, [5]],
    ['a time from', { fromMs: NOON + 3 * HOUR }, [6, 5]],
    ['a time to', { toMs: NOON + HOUR }, [2, 1]],
    ['a time from and to, and a key', { fromMs: NOON, toMs: NOON + 2 * HOUR, keys: ['moog_*'] }, [3, 1]],
    ['beginnings of words', { text: 'INC 47' }, [3]],
    ['words of a key', { text: 'rate' }, [4, 3, 1]],
    ['an id of elsewhere', { text: 'c-1' }, [3]],
    ['punctuation, which is nowhere', { text: "'&|!:*" }, []],
    ['what may be seen', { visible: ['alerter_*'] }, [2]],
    ['what may be seen, and a pattern', { visible: ['alerter_*'], keys: ['moog_*'] }, []],
  ])('are found by %s', async (_, filter, expected) => {
    expect(await ids(filter)).toEqual(expected);
    const exported: number[] = [];
    for await (const { id } of exportAudit(test.database, filter, 2)) exported.push(id);
    expect(exported).toEqual(expected.toReversed());
  });

  it.each<[string, AuditFilter]>([
    ['the trail', {}],
    ['time', { fromMs: NOON }],
  ])('come in pages, in the order of %s', async (_, filter) => {
    const seen: number[] = [];
    for (let after; ;) {
      const page = await selectAuditPage(test.database, filter, { limit: 4, after });
      if (page.length === 0) break;
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1);
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('come to figures: changes by the hour, those that went past us, and the latest', async () => {
    const figures = await test.database.run((db) => selectFigures(db, null, NOON + 3.5 * HOUR));
    expect(figures.hours).toHaveLength(48);
    expect(figures.hours.at(-1)?.startMs).toBe(NOON + 3 * HOUR);
    expect(figures.hours.slice(-5).map(({ changes }) => changes)).toEqual([0, 2, 1, 1, 2]);
    expect(figures).toMatchObject({ outOfBand: 1, lastRecordedAtMs: NOON + 3 * HOUR, gaps: 0 });
  });

  it('come to figures of the keys that may be seen only', async () => {
    const figures = await test.database.run((db) => selectFigures(db, ['alerter_*'], NOON + 3.5 * HOUR));
    expect(figures.hours.slice(-4).map(({ changes }) => changes)).toEqual([1, 0, 0, 0]);
    expect(figures.outOfBand).toBe(0);
    const later = await test.database.run((db) => selectFigures(db, null, NOON + 28 * HOUR));
    expect(later.outOfBand).toBe(0);
  });

  it('come to a trend of the values that are numbers', async () => {
    const keys = ['moog_rate_limit', 'alerter_mode', 'moog_secret', 'nobodys', 'moog_rate_limit'];
    const trends = await test.database.run((db) => selectTrends(db, keys));
    expect(Object.fromEntries(trends)).toEqual({
      moog_rate_limit: [
        { value: 1, changedAtMs: NOON },
        { value: 2, changedAtMs: NOON + HOUR },
      ],
      moog_secret: [{ value: 2, changedAtMs: expect.any(Number) as number }],
    });
  });

  it('are vouched for by a head that was signed and kept elsewhere', async () => {
    const head = await signHead(test.database, await trail.head(), NOON);
    expect(await isOurHead(test.database, head)).toBe(true);
    for (const forged of [{ id: 5 }, { hash: 'x' }, { signedAt: '2020-01-01' }, { trailId: 'x' }, { publicKey: 'x' }]) {
      expect(await isOurHead(test.database, { ...head, ...forged })).toBe(false);
    }
  });

  it('from before a time are dropped, and the chain goes on from its anchor', async () => {
    expect(await dropBefore(test.database, new Date(NOON + 2 * HOUR))).toBe(3);
    expect(await dropBefore(test.database, new Date(NOON + 2 * HOUR))).toBe(0);
    expect(await verifyTrail(test.database)).toMatchObject({ problem: null, firstId: 4, lastId: 6, records: 3 });
    const baseline = await test.database.run((db) =>
      db.selectFrom('audit_baseline').select(['key', 'value', 'revision', 'changed_by']).orderBy('key').execute(),
    );
    expect(baseline).toEqual([
      { key: 'alerter_mode', value: '"dlq"', revision: '1', changed_by: 'alice' },
      { key: 'moog_rate_limit', value: '"2"', revision: '2', changed_by: 'bob' },
    ]);
  });

  it('never all are dropped: the last one says what the next one follows', async () => {
    await dropBefore(test.database, new Date(NOON + 1_000 * HOUR));
    expect(await verifyTrail(test.database)).toMatchObject({ problem: null, firstId: 6, lastId: 6 });
    const baseline = await test.database.run((db) => db.selectFrom('audit_baseline').select('key').execute());
    expect(baseline.map(({ key }) => key).toSorted()).toEqual(['alerter_mode', 'moog_secret']);
  });
});
