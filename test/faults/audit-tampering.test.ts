import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryNamespace, MemoryStore } from '@mutt/dynamic-config';
import { auditRecords } from '../../packages/server/test/audited.ts';
import { DATABASES } from '../../packages/server/test/databases.ts';
import type { TestDatabase } from '../../packages/server/test/databases.ts';
import { runSql } from '../../packages/server/test/run-sql.ts';
import { AuditFeed } from '../../packages/server/src/audit/audit-feed.ts';
import { chained } from '../../packages/server/src/audit/audit-record.ts';
import type { AuditRecord } from '../../packages/server/src/audit/audit-record.ts';
import { insertAuditRows } from '../../packages/server/src/audit/audit-row.ts';
import { AuditTrail } from '../../packages/server/src/audit/audit-trail.ts';
import { dropBefore } from '../../packages/server/src/audit/audit-retention.ts';
import { verifyTrail } from '../../packages/server/src/audit/audit-verify.ts';
import { signHead } from '../../packages/server/src/audit/signed-head.ts';
import type { SignedHead } from '../../packages/server/src/audit/signed-head.ts';
import { verifyAgainst } from '../../packages/server/src/audit/verify-against.ts';
import type { Database } from '../../packages/server/src/database/database.ts';
import { report } from '../support/report.ts';
import { seededRandom } from '../support/seed.ts';

const RECORDS = 60;
const ROUNDS = process.env['FAULTS'] === 'full' ? 40 : 2;

/** For each column, what a forger might make of it. `{id}` is the row's. */
const EDITS: Readonly<Record<string, readonly string[]>> = {
  id: ['id + 1000000', '-id'],
  changed_at: [
    `changed_at - interval '1 hour'`,
    `changed_at + interval '1 millisecond'`,
    `'infinity'`,
    `'4713-01-01 BC'`,
  ],
  changed_by: [`'mallory'`, 'null', `coalesce(changed_by, '') || ' '`],
  operation: [`'UPDATED'`, `case operation when 'DELETE' then 'UPDATE' else 'DELETE' end`],
  table_name: [`'another'`],
  record_id: ['record_id + 1', 'null'],
  old_values: [`coalesce(old_values, '') || ' '`, `'{"key":"a","value":"forged"}'`],
  new_values: [`coalesce(new_values, '') || ' '`, `'not even JSON'`],
  reason: [`'forged'`, `case when reason is null then '' else null end`],
  correlation_id: [`'forged'`, 'null'],
  epoch: [`'forged'`],
  revision: ['revision + 1'],
  key: [`'forged'`, 'null'],
  source: [`case source when 'commit' then 'out-of-band' else 'commit' end`, `'gap'`],
  log_hash: [`'forged'`, `reverse(log_hash)`],
  previous_hash: [`'forged'`],
  hash: [`'forged'`, `upper(hash) || ' '`],
  // It hides a record from whoever looks for it.
  search: [`'forged'::tsvector`, `''::tsvector`],
};

const TABLES = ['config_audit_log', 'audit_head', 'audit_signing_key', 'audit_key', 'audit_baseline'];

describe.each(DATABASES)('row 25: the trail in $name is tampered with by SQL', (kind) => {
  let test: TestDatabase;
  let database: Database;
  let head: SignedHead;
  let whole: AuditRecord[];

  beforeAll(async () => {
    test = await kind.start();
    ({ database } = test);
    const store = new MemoryStore(new MemoryNamespace());
    const options = { changedBy: 'alice', notify: true, ifRevision: null };
    for (let n = 0; n < RECORDS; n++) {
      const change = { key: `key_${n % 7}`, value: n % 5 === 4 ? null : String(n), ifRevision: null };
      const about = { requestId: `r-${n}`, reason: n % 2 === 0 ? null : `why ${n}`, correlationId: `c-${n}` };
      await store.commit([change], { ...options, ...about });
    }
    const trail = new AuditTrail(database);
    const feed = new AuditFeed({ store, trail, hold: async () => {}, logger: { warn() {}, error() {} } });
    await feed.catchUp();
    await feed.close();
    head = await signHead(database, await trail.head(), Date.now());
    whole = await auditRecords(database);
    for (const table of TABLES) await execute(`create table whole_${table} as table ${table}`);
  });
  afterAll(() => test.stop());
  beforeEach(async () => {
    await restore();
    expect(await verifyAgainst(database, head)).toMatchObject({ problem: null, records: RECORDS });
  });

  const execute = (statement: string): Promise<unknown> => runSql(database, statement);

  async function restore(): Promise<void> {
    for (const table of TABLES)
      await execute(`delete from ${table}; insert into ${table} select * from whole_${table}`);
  }

  /** Of the row that verification names; null: it says that all is well. */
  async function named(): Promise<number | null> {
    return (await verifyTrail(database)).problem?.id ?? null;
  }

  it('every column of rows at random: each edit is found, and its row is named', async () => {
    const random = seededRandom(`row 25, ${kind.name}`);
    let [edits, detected] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [column, values] of Object.entries(EDITS)) {
        for (const value of values) {
          const id = 1 + Math.floor(random() * RECORDS);
          const before = JSON.stringify(whole[id - 1]);
          await execute(`update config_audit_log set ${column} = ${value} where id = ${id}`);
          edits += 1;
          const found = await named();
          // Nothing was edited where the row held that already.
          const same = `select 1 from config_audit_log join whole_config_audit_log using (id)
            where id = ${id} and config_audit_log.* is not distinct from whole_config_audit_log.*`;
          if (((await execute(same)) as unknown[]).length > 0) edits -= 1;
          else if (found === id || (column === 'id' && found !== null)) detected += 1;
          else throw new Error(`${column} = ${value} of row ${id} (${before}): ${found} was named`);
          await execute(
            `delete from config_audit_log where id = ${id} or id not between 1 and ${RECORDS};
             insert into config_audit_log select * from whole_config_audit_log where id = ${id}`,
          );
        }
      }
    }
    expect(await named()).toBeNull();
    expect(detected).toBe(edits);
    report({
      row: 25,
      scenario: `rows of the trail in ${kind.name} edited at random, in every column`,
      injected: 'UPDATE',
      invariants: 'tampering is found',
      figures: { edits, detectedPercent: (100 * detected) / edits },
    });
  });

  it.each<[string, string[], number]>([
    ['the first is deleted', ['delete from config_audit_log where id = 1'], 1],
    ['one in the middle is deleted', ['delete from config_audit_log where id = 30'], 30],
    ['the last is deleted', [`delete from config_audit_log where id = ${RECORDS}`], RECORDS],
    ['the last ten are cut off', [`delete from config_audit_log where id > ${RECORDS - 10}`], RECORDS - 9],
    ['all are deleted', ['delete from config_audit_log'], 1],
    [
      'two change places',
      [
        'update config_audit_log set id = -1 where id = 20',
        'update config_audit_log set id = 20 where id = 21',
        'update config_audit_log set id = 21 where id = -1',
      ],
      20,
    ],
    [
      'one is deleted, and the rest moved up',
      [
        'delete from config_audit_log where id = 20',
        'update config_audit_log set id = -id where id > 20',
        'update config_audit_log set id = -id - 1 where id < 0',
      ],
      20,
    ],
    [
      'one is repeated behind the last',
      [
        `insert into config_audit_log select ${RECORDS + 1}, changed_at, changed_by, operation, table_name, record_id,
         old_values, new_values, reason, correlation_id, epoch, revision, key, source, log_hash, previous_hash, hash, search
         from config_audit_log where id = 5`,
      ],
      RECORDS + 1,
    ],
    ['the head goes back', ['update audit_head set id = id - 1'], RECORDS - 1],
    ['the head has another hash', [`update audit_head set hash = 'forged'`], RECORDS],
    ['the anchor moves on', ['update audit_head set anchor_id = 3'], 4],
    ['the anchor has another hash', [`update audit_head set anchor_hash = 'forged'`], 1],
  ])('%s: the row is named', async (_, statements, id) => {
    for (const statement of statements) await execute(statement);
    expect(await named()).toBe(id);
  });

  it('one is inserted in front of the first, where the beginning was dropped by age', async () => {
    await dropBefore(database, new Date((whole[10] as AuditRecord).changedAtMs + 1));
    expect(await named()).toBeNull();
    const first = (await auditRecords(database))[0] as AuditRecord;
    await database.run((db) => insertAuditRows(db, [{ ...first, id: first.id - 1 }]));
    expect(await named()).toBe(first.id - 1);
  });

  it.each([
    ['cut off at the end, head and all', RECORDS - 5, RECORDS - 4],
    ['cut off to nothing, head and all', 0, 1],
  ])('%s: the chain is whole, and a head that was kept elsewhere tells', async (_, kept, id) => {
    await execute(`delete from config_audit_log where id > ${kept}`);
    const { hash = '' } = whole[kept - 1] ?? {};
    await execute(`update audit_head set id = ${kept}, hash = '${hash}'`);
    expect(await named()).toBeNull();
    expect((await verifyAgainst(database, head)).problem?.id).toBe(id);
  });

  it.each([1, 17, RECORDS])(
    'rewritten from record %i on, head and all: a head that was kept elsewhere tells',
    async (from) => {
      let last: Pick<AuditRecord, 'id' | 'hash'> = whole[from - 2] ?? { id: 0, hash: '' };
      const forged = whole.slice(from - 1).map((record) => (last = chained({ ...record, changedBy: 'mallory' }, last)));
      await execute(`delete from config_audit_log where id >= ${from}`);
      await database.run((db) => insertAuditRows(db, forged));
      await execute(`update audit_head set hash = '${last.hash}'`);
      expect(await named()).toBeNull();
      expect((await verifyAgainst(database, head)).problem).toMatchObject({ id: RECORDS });
      // Nor does it help to sign anew.
      await execute('delete from audit_signing_key');
      const { problem } = await verifyAgainst(database, head);
      expect(problem?.message).toContain('not signed by this trail');
      expect(
        (await verifyAgainst(database, await signHead(database, await new AuditTrail(database).head(), 0))).problem,
      ).toBeNull();
    },
  );

  it('a key is taken from the list by which its records are found', async () => {
    await execute(`delete from audit_key where key = 'key_3'`);
    expect((await verifyTrail(database)).problem?.message).toContain('key_3');
  });

  it.each([
    `update audit_baseline set value = '"forged"' where key = (select min(key) from audit_baseline)`,
    'delete from audit_baseline where key = (select min(key) from audit_baseline)',
    `update audit_baseline set changed_by = 'mallory'`,
  ])('what the keys held before the first record is altered: %s', async (statement) => {
    await dropBefore(database, new Date((whole.at(-1) as AuditRecord).changedAtMs + 1));
    expect((await verifyTrail(database)).problem).toBeNull();
    await execute(statement);
    expect((await verifyTrail(database)).problem?.message).toContain('before the first record');
  });

  it('what is dropped by age while it is verified is not missed', async () => {
    let runs = 0;
    const dropping: Database = {
      location: database.location,
      async run(task) {
        if ((runs += 1) === 2) await dropBefore(database, new Date((whole.at(-1) as AuditRecord).changedAtMs + 1));
        return database.run(task);
      },
      close: async () => {},
    };
    expect(await verifyTrail(dropping)).toMatchObject({ problem: null, records: 1 });
  });
});
