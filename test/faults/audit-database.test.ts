import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as elapse } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { auditRecords, auditViolations, historyOf, openAudited } from '../../packages/server/test/audited.ts';
import type { Audited } from '../../packages/server/test/audited.ts';
import type { Database } from '../../packages/server/src/database/database.ts';
import { EmbeddedDatabase } from '../../packages/server/src/embedded/embedded-database.ts';
import { PostgresDatabase } from '../../packages/server/src/postgres/postgres-database.ts';
import { startChild } from '../support/child.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { startPostgres } from '../support/postgres-server.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { report, rounded } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const MIB = 1024 * 1024;
/** While the database is sick. */
const COMMITS = 200;
/** Much less than what waits for a database: a commit does not wait for it at all. */
const COMMIT_MS = 1_000;
const TIMES = { connectMs: 500, taskMs: 1_000 };
/** For each answer of a slow database; several make a task. */
const SLOW_MS = 50;

/** Commits that many times; returns how long the slowest took. */
async function commitMany(config: DynamicConfig, count: number, value = ''): Promise<number> {
  let slowestMs = 0;
  for (let n = 0; n < count; n++) {
    const startedAtMs = performance.now();
    await config.set(`key_${n % 10}`, `${n}${value}`);
    slowestMs = Math.max(slowestMs, performance.now() - startedAtMs);
  }
  return slowestMs;
}

/** A: after healing. Returns how many records a second were drained. */
async function drains({ feed, store }: Audited, database: Database): Promise<number> {
  const startedAtMs = performance.now();
  let before = 0;
  await until('the trail can be read', async () => {
    before = (await auditRecords(database)).length;
    return true;
  });
  await until('the trail has all', () => feed.catchUp().then(() => true));
  const seconds = (performance.now() - startedAtMs) / 1000;
  expect(await auditViolations(database, await historyOf(store))).toEqual([]);
  expect(feed.status).toMatchObject({ lastError: null, backlog: 0, gaps: 0 });
  return rounded(((await auditRecords(database)).length - before) / seconds);
}

describe('row 22: PostgreSQL', () => {
  let scenario: Scenario;
  let postgres: PostgresServer;
  let proxy: TcpProxy;
  let database: Database;
  /** For looking at the trail: it may take longer. */
  let patient: Database;
  let config: DynamicConfig;
  let audited: Audited;

  beforeAll(async () => {
    [scenario, postgres] = await Promise.all([Scenario.start(), startPostgres()]);
    const url = new URL(postgres.url);
    proxy = await TcpProxy.open(Number(url.port));
    proxy.isRaw = true;
    url.port = String(proxy.port);
    database = await PostgresDatabase.open(url.href, TIMES);
    patient = await PostgresDatabase.open(postgres.url);
    config = await scenario.connect();
    audited = openAudited(scenario.redis.url, database);
    audited.follow(config);
  });
  afterAll(async () => {
    await audited.close();
    await Promise.all([database.close(), patient.close()]);
    await proxy.close();
    await Promise.all([postgres.stop(), scenario[Symbol.asyncDispose]()]);
  });

  /** Makes it sick; returns how to heal it. */
  const SICK: readonly (readonly [string, string, () => Promise<() => unknown>])[] = [
    [
      'is down',
      'kill -9',
      async () => {
        await postgres.kill();
        return () => postgres.start();
      },
    ],
    ['is frozen', 'SIGSTOP', async () => postgres.freeze()],
    [
      'answers too late',
      'PX: 3 s for each answer, of which 1 s is waited for',
      async () => {
        proxy.toClient.delayMs = 3_000;
        return () => proxy.heal();
      },
    ],
  ];

  it.each(SICK)(
    '%s: commits go on, it is told once, and the trail has all after healing',
    async (name, injected, makeSick) => {
      await config.set('before', name);
      await audited.feed.catchUp();
      audited.logged.length = 0;
      const heal = await makeSick();
      try {
        const slowestMs = await commitMany(config, COMMITS);
        expect(slowestMs).toBeLessThan(COMMIT_MS);
        for (const _ of [1, 2, 3]) await expect(audited.feed.catchUp()).rejects.toThrow();
        expect(audited.feed.status.lastError).not.toBeNull();
        const errors = audited.logged.filter((line) => line.startsWith('The audit trail cannot be written'));
        expect(errors).toEqual([expect.stringContaining('Changes go on')]);
      } finally {
        await heal();
      }
      const recordsPerSecond = await drains(audited, patient);
      expect(audited.logged.at(-1)).toBe('The audit trail is written again.');
      report({
        row: 22,
        scenario: `PostgreSQL ${name} while ${COMMITS} change sets are committed`,
        injected,
        invariants: 'A',
        figures: { drainedPerSecond: recordsPerSecond },
      });
    },
  );

  it('is slow: commits are not, and the trail follows them', async () => {
    await audited.feed.catchUp();
    proxy.toClient.delayMs = SLOW_MS;
    try {
      const slowestMs = await commitMany(config, COMMITS);
      expect(slowestMs).toBeLessThan(COMMIT_MS);
      const recordsPerSecond = await drains(audited, patient);
      report({
        row: 22,
        scenario: `PostgreSQL slow while ${COMMITS} change sets are committed`,
        injected: `PX: ${SLOW_MS} ms for each answer`,
        invariants: 'A',
        figures: { drainedPerSecond: recordsPerSecond },
      });
    } finally {
      proxy.heal();
    }
  });

  it('is killed and restarted again and again amid commits: each has its record', async () => {
    const stopping = new AbortController();
    const committing = (async () => {
      let count = 0;
      for (; !stopping.signal.aborted; count++) {
        await config.set(`key_${count % 10}`, `amid ${count}`);
        await elapse(2);
      }
      return count;
    })();
    const RESTARTS = 3;
    for (let n = 0; n < RESTARTS; n++) {
      const before = (await audited.trail.head()).id;
      await until('it is written to', async () => {
        await audited.feed.catchUp();
        return (await audited.trail.head()).id > before + 20;
      });
      const draining = audited.feed.catchUp().catch(() => {});
      await postgres.kill();
      await draining;
      await postgres.start();
      await until('it answers', () => audited.trail.head());
    }
    stopping.abort();
    const commits = await committing;
    const recordsPerSecond = await drains(audited, patient);
    report({
      row: 22,
      scenario: `PostgreSQL killed and restarted ${RESTARTS} times amid commits`,
      injected: 'kill -9',
      invariants: 'A',
      figures: { commits, drainedPerSecond: recordsPerSecond },
    });
  });

  it(
    'is down while far more is committed than a server has memory for: it drains all of it',
    { timeout: 120_000 },
    async () => {
      await audited.feed.close();
      // Less than the changes and what they replaced take; the program itself takes 30.
      const HEAP_MB = 96;
      const [BIG, COUNT] = ['x'.repeat(MIB / 2), 120];
      const child = await startChild(
        new URL('audit-feed-process.ts', import.meta.url),
        [scenario.redis.url, postgres.url],
        {
          NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
        },
      );
      scenario.defer(() => child.end('SIGKILL'));
      child.process.stdin?.write('go\n');
      type Line = { is: string; rssBytes: number; backlog: number | null; lastError: unknown };
      const lines = (): Line[] => child.json<Line>().filter(({ is }) => is === 'running');
      await until('it drains', () => lines().at(-1)?.backlog === 0);
      const idleBytes = lines().at(-1)?.rssBytes ?? 0;
      await postgres.kill();
      await commitMany(config, COUNT, BIG);
      const seen = lines().length;
      await until('it has tried in vain', () =>
        lines()
          .slice(seen)
          .some(({ lastError }) => lastError !== null),
      );
      const startedAtMs = performance.now();
      await postgres.start();
      const { head } = config;
      await until(
        'it has drained all',
        async () => {
          expect([child.process.exitCode, child.process.signalCode]).toEqual([null, null]);
          return (await audited.trail.head()).log.revision === head.revision;
        },
        60_000,
      );
      const seconds = (performance.now() - startedAtMs) / 1000;
      const mostBytes = Math.max(...lines().map(({ rssBytes }) => rssBytes));
      expect(await auditViolations(patient, await historyOf(audited.store))).toEqual([]);
      report({
        row: 22,
        scenario: `PostgreSQL down while ${COUNT / 2} MiB are committed, a server with a heap of ${HEAP_MB} MiB`,
        injected: 'kill -9',
        invariants: 'A',
        figures: {
          drainedMiBPerSecond: rounded(COUNT / 2 / seconds),
          mostRssMiB: rounded(mostBytes / MIB),
          idleRssMiB: rounded(idleBytes / MIB),
        },
      });
    },
  );
});

/** Fills the disk of a folder; returns how to make room again. */
type Fill = (folder: string) => Promise<() => unknown>;

/** So much is left: less than PostgreSQL needs for a file of its log. */
const LEFT_BYTES = 256 * 1024;

const fillForReal: Fill = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  const filler = join(folder, 'filler');
  await writeFile(filler, Buffer.alloc(bavail * bsize - LEFT_BYTES));
  return () => rm(filler);
};

/** For where no disk may be mounted: every write to a file of the folder fails. */
const refuseWrites: Fill = async (folder) => {
  const { writeSync } = fs;
  let isFull = true;
  vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, ...args: [NodeJS.ArrayBufferView]) => {
    if (isFull && isOf(fd, folder))
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    return writeSync(fd, ...args);
  }) as typeof fs.writeSync);
  return () => (isFull = false);
};

function isOf(fd: number, folder: string): boolean {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
  } catch {
    return false;
  }
}

function incompressible(length: number): string {
  return randomBytes(length / 2)
    .toString('base64')
    .slice(0, length);
}

describe('row 22: the disk of the embedded database is full', () => {
  let folder: string;
  let isMounted = false;

  afterEach(async () => {
    vi.restoreAllMocks();
    if (isMounted) spawnSync('umount', ['-l', folder]);
    isMounted = false;
    await rm(folder, { recursive: true, force: true });
  });

  it.for<[string, Fill]>([
    ['a tmpfs of 128 MB', fillForReal],
    ['writes that are refused', refuseWrites],
  ])('%s: commits go on, and the trail has all once there is room', async ([name, fill], { skip }) => {
    folder = await makeDataDir('mutt-full-');
    if (fill === fillForReal) {
      if (process.getuid?.() !== 0) skip('only root may mount it');
      const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'none', folder], {
        encoding: 'utf8',
      });
      if (status !== 0) skip(`it cannot be mounted (${stderr.trim()})`);
      isMounted = true;
    }
    await using scenario = await Scenario.start();
    const database = await EmbeddedDatabase.open(folder, { retryMs: 0, taskMs: 3_000, waitMs: 3_000 });
    scenario.defer(() => database.close());
    const config = await scenario.connect();
    const audited = openAudited(scenario.redis.url, database);
    scenario.defer(() => audited.close());
    await commitMany(config, 20);
    await audited.feed.catchUp();
    const makeRoom = await fill(folder);
    // So much that it does not fit into what is left.
    const slowestMs = await commitMany(config, COMMITS, incompressible(20_000));
    expect(slowestMs).toBeLessThan(COMMIT_MS);
    for (const _ of [1, 2]) await expect(audited.feed.catchUp()).rejects.toThrow();
    expect(audited.feed.status.lastError).not.toBeNull();
    await makeRoom();
    const recordsPerSecond = await drains(audited, database);
    report({
      row: 22,
      scenario: `the disk of the embedded database is full: ${name}`,
      injected: name,
      invariants: 'A',
      figures: { drainedPerSecond: recordsPerSecond },
    });
  });
});
