import { rm } from 'node:fs/promises';
import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { auditRecords, auditViolations, historyOf, openAudited } from '../../packages/server/test/audited.ts';
import type { Database } from '../../packages/server/src/database/database.ts';
import { EmbeddedDatabase } from '../../packages/server/src/embedded/embedded-database.ts';
import { PostgresDatabase } from '../../packages/server/src/postgres/postgres-database.ts';
import { startChild } from '../support/child.ts';
import type { Child } from '../support/child.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { report } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';
import { seededRandom } from '../support/seed.ts';

const isFull = process.env['FAULTS'] === 'full';
const LONGEST_MS = 100;

/** Where the writer kills itself, and at which pass. */
const STEPS = [
  'before the transaction:2',
  // The first statement inserts the records, the second their keys.
  'in it, before RawNode:3',
  'in it, before RawNode:4',
  'in it, before UpdateQueryNode:2',
  'after the commit:2',
  'before the hold moves:2',
  'after the hold moved:2',
];

interface Place {
  readonly name: string;
  readonly steps: readonly string[];
  readonly kills: number;
  /** Returns what names the database, how to open it, and how to drop it. */
  readonly make: () => Promise<{ url: string; open: () => Promise<Database>; drop: () => Promise<unknown> }>;
}

const PLACES: readonly Place[] = [
  {
    name: 'PostgreSQL',
    steps: STEPS,
    kills: isFull ? 100 : 20,
    make: async () => {
      const server = await startPostgres();
      return { url: server.url, open: () => PostgresDatabase.open(server.url), drop: () => server.stop() };
    },
  },
  {
    name: 'the embedded database',
    steps: isFull ? STEPS : STEPS.filter((_, n) => n % 2 === 1),
    // Each time it is opened anew, which takes a while.
    kills: isFull ? 50 : 2,
    make: async () => {
      const folder = await makeDataDir('mutt-killed-');
      return {
        url: folder,
        open: () => EmbeddedDatabase.open(folder),
        drop: () => rm(folder, { recursive: true, force: true }),
      };
    },
  },
];

describe.each(PLACES)(
  'row 21: the audit writer is killed, with the trail in $name,',
  ({ name, steps, kills, make }) => {
    let scenario: Scenario;
    let place: Awaited<ReturnType<Place['make']>>;
    let config: DynamicConfig;
    let next: Promise<Child> | null = null;

    beforeAll(async () => {
      [scenario, place] = await Promise.all([Scenario.start(), make()]);
      config = await scenario.connect();
    });
    afterAll(async () => {
      await (await next)?.end('SIGKILL');
      await scenario[Symbol.asyncDispose]();
      await place.drop();
    });

    function load(step = ''): Promise<Child> {
      const args = [scenario.redis.url, place.url, step];
      return startChild(new URL('audit-feed-process.ts', import.meta.url), args);
    }

    /** A writer that drains. The one after it is loaded meanwhile. */
    async function start(afterIt: string): Promise<Child> {
      const writer = await (next ?? load());
      next = load(afterIt);
      await until('it is loaded', () => writer.lines.length > 0);
      writer.process.stdin?.write('go\n');
      await until('it drains', () => writer.json<{ is: string }>().some(({ is }) => is === 'draining'));
      return writer;
    }

    /** Commits all the time, of several keys, until it is stopped. */
    function commitConstantly(): () => Promise<void> {
      const stopping = new AbortController();
      const committing = (async () => {
        for (let n = 0; !stopping.signal.aborted; n++) {
          const keys = ['a', 'b', 'c'].slice(0, 1 + (n % 3));
          await config.commit(keys.map((key) => ({ key, value: String(n) })));
          await elapse(5);
        }
      })();
      return async () => {
        stopping.abort();
        await committing;
      };
    }

    it('at every step and at random moments: no gap, no duplicate, one whole chain', { timeout: 600_000 }, async () => {
      const random = seededRandom(`row 21, ${name}`);
      const stop = commitConstantly();
      const plan = [...steps, ...Array<string>(kills).fill('')];
      next = load(plan[0]);
      const startedAtMs = performance.now();
      for (const [n, step] of plan.entries()) {
        const writer = await start(plan[n + 1] ?? '');
        if (step === '') {
          await elapse(random() * LONGEST_MS);
          await writer.end('SIGKILL');
        } else await until(`it is killed ${step}`, () => writer.process.signalCode !== null);
        expect(writer.process.signalCode).toBe('SIGKILL');
      }
      await stop();
      const seconds = (performance.now() - startedAtMs) / 1000;
      const database = await place.open();
      scenario.defer(() => database.close());
      const audited = openAudited(scenario.redis.url, database);
      scenario.defer(() => audited.close());
      // They got somewhere before they were killed.
      const drained = (await auditRecords(database)).length;
      expect(drained).toBeGreaterThan(10 * plan.length);
      await audited.feed.catchUp();
      const history = await historyOf(audited.store);
      expect(await auditViolations(database, history)).toEqual([]);
      const gaps = (await auditRecords(database)).filter(({ operation }) => operation === 'GAP').length;
      expect(gaps).toBe(0);
      report({
        row: 21,
        scenario: `the audit writer killed ${plan.length} times, at every step and at random, trail in ${name}`,
        injected: 'kill -9',
        invariants: 'A',
        figures: { commits: history.length, gaps, duplicates: 0, seconds: Math.round(seconds) },
      });
    });
  },
);
