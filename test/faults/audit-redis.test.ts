import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeUnknownError } from '@mutt/dynamic-config';
import type { DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { auditRecords, auditViolations, historyOf, openAudited } from '../../packages/server/test/audited.ts';
import type { Audited } from '../../packages/server/test/audited.ts';
import { DATABASES } from '../../packages/server/test/databases.ts';
import type { TestDatabase } from '../../packages/server/test/databases.ts';
import { converges, Invariants } from '../support/invariants.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { report, rounded } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';
import type { Frame } from '../support/tcp-proxy.ts';

const isCommit = ({ command }: Frame): boolean => command[0] === 'EVALSHA' || command[0] === 'EVAL';

/** Commits until it is confirmed; the request id sees to it that it is applied once. */
async function setSurely(config: DynamicConfig, key: string, value: string): Promise<LoggedCommit> {
  const requestId = crypto.randomUUID();
  return until(`${key} is committed`, () => config.set(key, value, { requestId }));
}

describe.each(DATABASES)('with the trail in $name', (kind) => {
  let test: TestDatabase;

  beforeAll(async () => {
    test = await kind.start();
  });
  afterAll(() => test.stop());
  beforeEach(() => test.reset());

  function audit(scenario: Scenario): Audited {
    const audited = openAudited(scenario.redis.url, test.database);
    scenario.defer(() => audited.close());
    return audited;
  }

  /** What it tells, in short. */
  async function told(from = 0): Promise<string[]> {
    const records = (await auditRecords(test.database)).slice(from);
    return records.map(({ operation, revision, key }) => [operation, revision, key].filter(Boolean).join(' '));
  }

  describe('row 9: Redis is killed and restarted, with AOF', () => {
    it('amid commits: what was acknowledged is there, and in the trail once', async () => {
      await using scenario = await Scenario.start('--appendonly', 'yes', '--appendfsync', 'always');
      const config = await scenario.connect();
      const audited = audit(scenario);
      audited.follow(config);
      const [WRITERS, KILLS, BETWEEN] = [4, 5, 40];
      const acknowledged: LoggedCommit[] = [];
      const invariants = new Invariants();
      invariants.observe(config);
      const stopping = new AbortController();
      const writing = Array.from({ length: WRITERS }, async (_, writer) => {
        for (let n = 0; !stopping.signal.aborted; n++) {
          invariants.wrote(`key_${writer}`, `${n}`);
          const commit = await setSurely(config, `key_${writer}`, `${n}`);
          invariants.acknowledged(commit);
          acknowledged.push(commit);
        }
      });
      for (let kill = 1; kill <= KILLS; kill++) {
        await until('some are acknowledged', () => acknowledged.length >= kill * BETWEEN);
        await scenario.redis.restart();
      }
      stopping.abort();
      await Promise.all(writing);
      const convergedMs = await converges(scenario.redis, [config]);
      await until('the trail has all', () => audited.feed.catchUp().then(() => true));
      const history = await historyOf(audited.store);
      const hashes = new Set(history.map(({ hash }) => hash));
      const lost = acknowledged.filter(({ hash }) => !hashes.has(hash));
      expect(lost).toEqual([]);
      expect(await auditViolations(test.database, history)).toEqual([]);
      await invariants.ends(scenario.redis, history, await auditRecords(test.database));
      expect(invariants.violations).toEqual([]);
      expect(audited.feed.status.gaps).toBe(0);
      report({
        row: 9,
        scenario: `Redis with AOF killed ${KILLS} times amid commits, trail in ${kind.name}`,
        injected: 'kill -9',
        invariants: 'A C V M N',
        figures: {
          acknowledged: acknowledged.length,
          acknowledgedLost: lost.length,
          convergedMs: rounded(convergedMs),
        },
      });
    });
  });

  describe('row 10: an emptied store', () => {
    it.each<[string, (redis: RedisServer) => Promise<unknown>]>([
      ['restarted without persistence', (redis) => redis.restart()],
      ['FLUSHALL', (redis) => redis.cli('FLUSHALL')],
    ])('%s: values are kept, an alarm is raised, and the trail tells of the new history', async (name, empty) => {
      await using scenario = await Scenario.start();
      const config = await scenario.connect();
      const audited = audit(scenario);
      for (const n of [1, 2, 3]) await config.set(`key_${n}`, 'kept');
      await audited.feed.catchUp();
      const old = await historyOf(audited.store);
      const startedAtMs = performance.now();
      await empty(scenario.redis);
      await until('the alarm', () => config.status().alarm !== null);
      const alarmMs = performance.now() - startedAtMs;
      expect({ ...config.getAll() }).toEqual({ key_1: 'kept', key_2: 'kept', key_3: 'kept' });
      await setSurely(config, 'key_4', 'new');
      await until('the trail has it', () => audited.feed.catchUp().then(() => true));
      const history = [...old, ...(await historyOf(audited.store))];
      expect(await auditViolations(test.database, history)).toEqual([]);
      const [gap, first] = (await auditRecords(test.database)).slice(3);
      expect(gap).toMatchObject({ operation: 'GAP', source: 'gap', changedBy: null });
      expect(gap?.reason).toContain('The store began a new history');
      expect(first).toMatchObject({ operation: 'CREATE', key: 'key_4', epoch: history.at(-1)?.epoch });
      expect(audited.logged.filter((line) => line.startsWith('A gap in the audit trail'))).toHaveLength(1);
      expect(config.get('key_1')).toBe('kept');
      report({
        row: 10,
        scenario: `an emptied store, ${name}, trail in ${kind.name}`,
        injected: name,
        invariants: 'V A',
        figures: { alarmMs: rounded(alarmMs), recordsLost: 0 },
      });
    });
  });

  describe('row 16: a commit whose reply never comes', () => {
    it('is retried with its request id, and has one record', async () => {
      await using scenario = await Scenario.start();
      // The keeper, so that the other one sends no scripts but its commits.
      const other = await scenario.connect();
      await scenario.isKept();
      const proxy = await scenario.proxy();
      const config = await scenario.connect(proxy);
      const audited = audit(scenario);
      audited.follow(other);
      await config.set('a', '0');
      const lost = proxy.swallowReply(isCommit);
      const outcome = config.set('a', '1', { requestId: 'r-1' }).catch((error: unknown) => error);
      const link = await lost;
      // Recorded before it is retried, and not once more then.
      await until('it is recorded', async () => (await told()).length === 2);
      link.reset();
      expect(await outcome).toBeInstanceOf(OutcomeUnknownError);
      for (const instance of [config, other, config]) await instance.set('a', '1', { requestId: 'r-1' });
      await audited.feed.catchUp();
      expect(await told()).toEqual(['CREATE 1 a', 'UPDATE 2 a']);
      expect(await auditViolations(test.database, await historyOf(audited.store))).toEqual([]);
      report({
        row: 16,
        scenario: `a swallowed reply, retried three times, trail in ${kind.name}`,
        injected: 'swallowReply',
        invariants: 'A',
        figures: { duplicates: 0 },
      });
    });
  });

  describe('row 23: the log, behind our back,', () => {
    const LOG = 'mutt:config@log';
    /** The trail has revisions 1 to 4 when it is done to a log of 1 to 8, and 9 follows. */
    const CASES: readonly (readonly [string, readonly string[][], readonly string[], string | null])[] = [
      [
        'is trimmed above what the trail has',
        [['XTRIM', LOG, 'MINID', '7-0']],
        ['GAP 7', 'UPDATE 7 a', 'UPDATE 8 a', 'UPDATE 9 a'],
        'Revisions 5 to 6 were missing from the log.',
      ],
      [
        'is trimmed to nothing',
        [['XTRIM', LOG, 'MAXLEN', '0']],
        ['GAP 8', 'UPDATE 9 a'],
        'Revisions 5 to 8 were missing from the log.',
      ],
      ['is deleted', [['DEL', LOG]], ['GAP 8', 'UPDATE 9 a'], 'Revisions 5 to 8 were missing from the log.'],
      [
        'loses two records in the middle',
        [['XDEL', LOG, '6-0', '7-0']],
        ['UPDATE 5 a', 'GAP 8', 'UPDATE 8 a', 'UPDATE 9 a'],
        'Revisions 6 to 7 were missing from the log.',
      ],
      [
        'loses its newest records',
        [['XDEL', LOG, '7-0', '8-0']],
        ['UPDATE 5 a', 'UPDATE 6 a', 'GAP 8', 'UPDATE 9 a'],
        'Revisions 7 to 8 were missing from the log.',
      ],
      [
        'is deleted with the head',
        [['DEL', LOG, 'mutt:config@head']],
        ['GAP 1', 'UPDATE 1 a'],
        'The store began a new history',
      ],
      [
        'loses only what the trail has',
        [['XTRIM', LOG, 'MINID', '5-0']],
        ['UPDATE 5 a', 'UPDATE 6 a', 'UPDATE 7 a', 'UPDATE 8 a', 'UPDATE 9 a'],
        null,
      ],
    ];

    it.each(CASES)('%s: what is lost is recorded as a gap', async (name, commands, expected, reason) => {
      await using scenario = await Scenario.start();
      const config = await scenario.connect();
      const audited = audit(scenario);
      for (let n = 1; n <= 4; n++) await config.set('a', n);
      await audited.feed.catchUp();
      for (let n = 5; n <= 8; n++) await config.set('a', n);
      for (const command of commands) await scenario.redis.cli(...command);
      await audited.feed.catchUp();
      // The head tells that something is lost even before anything follows.
      const isToldEarly = (await told(4)).some((line) => line.startsWith('GAP'));
      expect(isToldEarly).toBe(reason !== null && !name.includes('with the head'));
      await config.set('a', 9);
      await audited.feed.catchUp();
      await audited.feed.catchUp();
      expect(await told(4)).toEqual(expected);
      const gaps = audited.logged.filter((line) => line.startsWith('A gap in the audit trail'));
      expect(gaps).toEqual(reason === null ? [] : [expect.stringContaining(reason)]);
      const recorded = (await auditRecords(test.database)).filter(({ operation }) => operation === 'GAP');
      expect(recorded.map((record) => record.reason)).toEqual(reason === null ? [] : [expect.stringContaining(reason)]);
      const known = new Set((await auditRecords(test.database)).map(({ logHash }) => logHash));
      const left = (await historyOf(audited.store)).filter(({ hash }) => known.has(hash));
      expect((await auditViolations(test.database, left)).filter((line) => !line.includes('never committed'))).toEqual(
        [],
      );
      report({
        row: 23,
        scenario: `the log ${name}, trail in ${kind.name}`,
        injected: commands.map(([command]) => command).join(),
        invariants: 'A',
        figures: { undetected: 0 },
      });
    });
  });
});
