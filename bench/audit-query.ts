import { startPostgres } from '../test/support/postgres-server.ts';
import { selectAuditPage } from '../packages/server/src/audit/audit-query.ts';
import type { AuditFilter } from '../packages/server/src/audit/audit-query.ts';
import { PostgresDatabase } from '../packages/server/src/postgres/postgres-database.ts';
import { fillTrail, NEWEST_MS, STEP_MS } from './audit-rows.ts';
import { absolute, median, quantile } from './figure.ts';
import type { Bench } from './figure.ts';

const ROWS = 1_000_000;
const PAGE = 51;

const OLDEST_MS = NEWEST_MS - ROWS * STEP_MS;
const HOUR_MS = 3_600_000;

const KEYS: Readonly<Record<string, AuditFilter>> = {
  'any key': {},
  prefix: { keys: ['moog_*'] },
  suffix: { keys: ['*_mode'] },
  'rare suffix': { keys: ['*_rare'] },
  'one key': { keys: ['moog_limit_0_rare'] },
  'a rare key': { keys: ['*_1999_*'] },
  'no key': { keys: ['nothing_*'] },
};

const SEEN: Readonly<Record<string, AuditFilter>> = {
  all: {},
  'visible: a third': { visible: ['alerter_*'] },
  'visible: few': { visible: ['*_1998_*', '*_1997_*'] },
};

const OTHERS: Readonly<Record<string, AuditFilter>> = {
  '': {},
  'common actor': { actor: 'person_0' },
  'an actor of long ago': { actor: 'person_39' },
  'no actor': { actor: 'nobody' },
  UPDATE: { operation: 'UPDATE' },
  CREATE: { operation: 'CREATE' },
  DELETE: { operation: 'DELETE' },
  GAP: { operation: 'GAP' },
  'out-of-band': { source: 'out-of-band' },
  'commit by one': { source: 'commit', actor: 'person_3' },
  'deleted by one': { operation: 'DELETE', actor: 'person_5' },
  'created by one of long ago': { operation: 'CREATE', actor: 'person_39' },
  'impossible: created out of band, now': { operation: 'GAP', source: 'out-of-band' },
  'newest hour': { fromMs: NEWEST_MS - HOUR_MS },
  'oldest hour': { toMs: OLDEST_MS + HOUR_MS },
  'an hour in the middle': { fromMs: (NEWEST_MS + OLDEST_MS) / 2, toMs: (NEWEST_MS + OLDEST_MS) / 2 + HOUR_MS },
  'before all': { toMs: OLDEST_MS - HOUR_MS },
  'after all': { fromMs: NEWEST_MS + HOUR_MS },
  'all but an hour': { fromMs: OLDEST_MS + HOUR_MS, toMs: NEWEST_MS },
  'a rare word': { text: '4711' },
  'the beginning of many words': { text: 'inc' },
  'a common word': { text: 'routine' },
  'a word and the beginning of another': { text: 'incident 47' },
  'no word': { text: 'nowhere' },
  'one ticket': { text: 'ticket-500000' },
  'a word by an actor of long ago': { text: 'routine', actor: 'person_39' },
  'a rare word, deleted': { text: '4711', operation: 'DELETE' },
  'long ago, by an actor, deleted': { toMs: OLDEST_MS + 1_000 * HOUR_MS, actor: 'person_5', operation: 'DELETE' },
  'a word, long ago': { text: 'incident', toMs: OLDEST_MS + 100 * HOUR_MS },
  'an actor of long ago, lately': { actor: 'person_39', fromMs: NEWEST_MS - 1_000 * HOUR_MS },
};

/** Any filtered first page of an audit trail with a million records in PostgreSQL. */
export const auditQueryBench: Bench = {
  names: ['audit_query'],
  async run({ quick }) {
    const postgres = await startPostgres();
    const database = await PostgresDatabase.open(postgres.url);
    try {
      await fillTrail(postgres, ROWS);
      const all: number[] = [];
      const slowest: [string, number][] = [];
      for (const [seen, visible] of Object.entries(SEEN)) {
        for (const [which, keys] of Object.entries(KEYS)) {
          for (const [what, other] of Object.entries(OTHERS)) {
            const filter = { ...keys, ...visible, ...other };
            const times: number[] = [];
            for (let n = 0; n < (quick ? 1 : 5); n++) {
              const startedAt = performance.now();
              await selectAuditPage(database, filter, { limit: PAGE });
              times.push(performance.now() - startedAt);
            }
            all.push(...times);
            slowest.push([[seen, which, what].filter(Boolean).join(', '), median(times)]);
          }
        }
      }
      const [name, worst] = slowest.reduce((one, other) => (one[1] > other[1] ? one : other));
      console.error(`The slowest filter: ${name}`);
      const p50 = median(all);
      const p99 = quantile(all, 0.99);
      return [
        absolute(50, {
          name: 'audit_query',
          unit: 'ms',
          ours: p99,
          also: { p50, slowest_filter: worst, filters: slowest.length },
        }),
      ];
    } finally {
      await database.close();
      await postgres.stop();
    }
  },
};
