import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError, RevisionConflictError } from '@mutt/dynamic-config';
import type { DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import { converges, Invariants } from '../support/invariants.ts';
import { report, rounded } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';
import type { Frame } from '../support/tcp-proxy.ts';

const isCommit = ({ command }: Frame): boolean => command[0] === 'EVALSHA' || command[0] === 'EVAL';

async function historyOf(config: DynamicConfig, afterRevision = 0): Promise<LoggedCommit[]> {
  const commits: LoggedCommit[] = [];
  for await (const commit of config.history({ afterRevision })) commits.push(commit);
  return commits;
}

describe('row 16: a commit whose reply never comes', () => {
  it.concurrent.each([
    ['is swallowed', 'swallowReply', false],
    ['is lost with the connection', 'swallowReply', true],
    ['is cut in the middle', 'truncateReply', false],
  ] as const)(
    'since it %s has an unknown outcome, and is applied once, however often it is retried',
    async (why, fault, isReset) => {
      await using scenario = await Scenario.start();
      const other = await scenario.connect();
      await scenario.isKept();
      const proxy = await scenario.proxy();
      const config = await scenario.connect(proxy);
      await config.set('a', '0');
      const lost = proxy[fault](isCommit);
      const options = { requestId: 'r-1', reason: 'incident 4711' };
      const outcome = config.set('a', '1', options).catch((error: unknown) => error);
      const link = await lost;
      if (isReset) link.reset();
      const error = await outcome;
      expect(error).toBeInstanceOf(OutcomeUnknownError);
      expect(error).toMatchObject({ requestId: 'r-1', cause: { code: 'store_unavailable' } });
      // Somebody else goes on from there, and must not be overwritten.
      await other.set('a', '2');
      const first = await config.set('a', '1', options);
      const again = await other.set('a', '1', options);
      expect(again).toEqual(first);
      expect(first).toMatchObject({ revision: 2, requestId: 'r-1', reason: 'incident 4711' });
      await converges(scenario.redis, [config, other]);
      const commits = await historyOf(config);
      expect(commits.map(({ requestId, changes }) => [requestId === 'r-1', changes[0]?.value])).toEqual([
        [false, '0'],
        [true, '1'],
        [false, '2'],
      ]);
      expect(config.get('a')).toBe('2');
      report({
        row: 16,
        scenario: `a commit's reply ${why}`,
        injected: fault,
        invariants: 'A C',
        figures: { duplicates: 0 },
      });
    },
  );

  it.concurrent('is not sent again by itself: what never reached Redis is never applied', async () => {
    await using scenario = await Scenario.start();
    const proxy = await scenario.proxy();
    const config = await scenario.connect(proxy);
    await scenario.isKept();
    await config.set('a', '0');
    let sent = 0;
    proxy.onCommand = ([name = ''], link) => {
      if (!name.startsWith('EVAL')) return 'pass';
      sent += 1;
      link.reset();
      return 'drop';
    };
    await expect(config.set('a', '1')).rejects.toBeInstanceOf(OutcomeUnknownError);
    proxy.heal();
    await converges(scenario.redis, [config]);
    expect([sent, config.get('a'), (await historyOf(config)).length]).toEqual([1, '0', 1]);
  });
});

describe('row 17: 32 writers racing on compare-and-set', () => {
  const [WRITERS, INCREMENTS, KEYS] = [32, 12, ['x', 'y', 'z'] as const];

  it('lose no increment, and each succeeded on what it had read', { timeout: 60_000 }, async () => {
    await using scenario = await Scenario.start();
    const writers = await Promise.all(Array.from({ length: WRITERS }, () => scenario.connect()));
    const invariants = new Invariants();
    for (const [n, config] of writers.entries()) invariants.observe(config, `writer ${n}`);
    let confirmed = 0;
    let attempts = 0;
    const increment = async (config: DynamicConfig, key: string): Promise<void> => {
      for (;;) {
        attempts += 1;
        const { value = '0', revision = 0 } = config.entry(key) ?? {};
        try {
          const commit = await config.set(key, Number(value) + 1, { ifRevision: revision });
          invariants.acknowledged(commit, { key, revision });
          confirmed += 1;
          return;
        } catch (error) {
          if (!(error instanceof RevisionConflictError)) throw error;
          expect(error.currentRevision).not.toBe(revision);
        }
      }
    };
    const startedAtMs = performance.now();
    await Promise.all(
      writers.map(async (config, n) => {
        for (let i = 0; i < INCREMENTS; i++) await increment(config, KEYS[(n + i) % KEYS.length] ?? '');
      }),
    );
    const seconds = (performance.now() - startedAtMs) / 1000;
    await converges(scenario.redis, writers);
    const [reader] = writers;
    if (reader === undefined) throw new Error('No writers');
    // Per key: each success names the one before it as the state that it saw (L), and adds one to that.
    const current = new Map<string, number>();
    const commits = await historyOf(reader);
    await invariants.ends(scenario.redis, commits);
    const violations = [...invariants.violations];
    for (const { revision, changes, previousValues } of commits) {
      const { key, value } = changes[0] ?? { key: '', value: null };
      const before = current.get(key) ?? 0;
      if (Number(value) !== before + 1 || Number(previousValues[0] ?? 0) !== before)
        violations.push(`${key}=${value} at ${revision} replaced ${before}`);
      current.set(key, Number(value));
    }
    const total = [...current.values()].reduce((sum, value) => sum + value, 0);
    expect({ violations, total, commits: commits.length, confirmed }).toEqual({
      violations: [],
      total: WRITERS * INCREMENTS,
      commits: WRITERS * INCREMENTS,
      confirmed: WRITERS * INCREMENTS,
    });
    report({
      row: 17,
      scenario: `${WRITERS} writers, ${WRITERS * INCREMENTS} increments of ${KEYS.length} keys`,
      injected: 'races',
      invariants: 'linearizable C',
      figures: {
        opsPerSecond: rounded(attempts / seconds),
        conflicts: attempts - commits.length,
        violations: violations.length,
      },
    });
  });
});

describe('row 15: SCRIPT FLUSH', () => {
  it('is not noticed: not by commits under way, not by the keeper', async () => {
    await using scenario = await Scenario.start();
    const config = await scenario.connect();
    await scenario.isKept();
    let errors = 0;
    for (let n = 0; n < 50; n++) {
      const commits = Array.from({ length: 10 }, (_, i) => config.set(`k_${i}`, `${n}`));
      if (n % 5 === 0) await scenario.redis.cli('SCRIPT', 'FLUSH');
      for (const outcome of await Promise.allSettled(commits)) if (outcome.status === 'rejected') errors += 1;
    }
    await scenario.redis.cli('SCRIPT', 'FLUSH');
    await scenario.redis.cli('SET', 'mutt:config:raw', '1');
    await converges(scenario.redis, [config]);
    expect([errors, (await historyOf(config)).filter(({ source }) => source === 'commit').length]).toEqual([0, 500]);
    report({
      row: 15,
      scenario: 'SCRIPT FLUSH while 500 change sets are committed',
      injected: 'SCRIPT FLUSH, 11 times',
      invariants: 'C',
      figures: { errors },
    });
  });
});
