import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { auditRecords, openAudited } from '../../packages/server/test/audited.ts';
import { verifyTrail } from '../../packages/server/src/audit/audit-verify.ts';
import { PostgresDatabase } from '../../packages/server/src/postgres/postgres-database.ts';
import { startChild } from '../support/child.ts';
import type { Child } from '../support/child.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { freePort } from '../support/free-port.ts';
import { becomesLive, converges, Invariants, readConstantly, stored } from '../support/invariants.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { report, rounded } from '../support/report.ts';
import { CACHE_TTL_MS, Scenario } from '../support/scenario.ts';
import { seededRandom, seedOfRun } from '../support/seed.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import type { HistoryEvent } from './history.ts';
import { RandomFaults } from './random-faults.ts';
import { RandomWriters, RANDOM_PAIRS } from './random-writers.ts';
import type { Sign } from './recorded-service.ts';

/** Of the faults; what is before and after them takes some seconds more. */
const MINUTES = Number(process.env['FAULT_MINUTES'] ?? 0.15);
const API_KEY = `mutt-${'e'.repeat(40)}`;
const MIB = 1024 * 1024;
/** Of what is held: far more than that varies by, and far less than in a process that keeps what it was told. */
const MOST_MIB_PER_MINUTE = 1;
/** Histories of runs that failed. */
const KEPT = fileURLToPath(new URL('../../.fault-histories/', import.meta.url));

it(
  `row 35: all of it at random, for ${MINUTES} minutes: no invariant is violated`,
  { timeout: MINUTES * 60_000 + 180_000 },
  async () => {
    await using scenario = await Scenario.start('--appendonly', 'yes', '--appendfsync', 'always');
    const { redis } = scenario;
    const random = seededRandom('row 35');
    const invariants = new Invariants({ pairs: RANDOM_PAIRS });
    const proxies = [await scenario.proxy(), await scenario.proxy()] as const;

    const configs: DynamicConfig[] = [];
    for (const where of [redis, ...proxies, redis, ...proxies]) configs.push(await scenario.connect(where));
    for (const [n, config] of configs.entries()) invariants.observe(config, `instance ${n}`);
    const [direct, first, second, reader] = configs as [DynamicConfig, DynamicConfig, DynamicConfig, DynamicConfig];
    const stopReading = readConstantly(reader, () => invariants.look(reader));

    const children: Child[] = [];
    const startInstance = async (url: string): Promise<Child> => {
      const name = `process ${children.length}`;
      const args = [url, name, String(CACHE_TTL_MS / 1000)];
      const child = await startChild(new URL('recorded-service.ts', import.meta.url), args);
      scenario.defer(() => child.end('SIGKILL'));
      children.push(child);
      return child;
    };
    const lasting = await startInstance(proxies[0].url);
    let mortal = await startInstance(redis.url);

    const postgres = await startPostgres();
    scenario.defer(() => postgres.stop());
    const databaseProxy = await TcpProxy.open(postgres.port);
    scenario.defer(() => databaseProxy.close());
    databaseProxy.isRaw = true;
    const databaseUrl = new URL(postgres.url);
    databaseUrl.port = String(databaseProxy.port);
    const folder = await makeDataDir('mutt-everything-');
    scenario.defer(() => rm(folder, { recursive: true, force: true }));
    const port = String(await freePort());
    // It does not start without its database, as whoever starts it wants to know.
    const startServer = (): Promise<ServerProcess> =>
      until(
        'the server starts',
        () =>
          startServerProcess({
            PORT: port,
            MUTT_DATA_DIR: folder,
            MUTT_API_KEY: API_KEY,
            REDIS_URL: redis.url,
            DATABASE_URL: databaseUrl.href,
            LOG_LEVEL: 'fatal',
          }),
        120_000,
      );
    let server = await startServer();
    const restarts: Promise<void>[] = [];
    let isStarting = false;
    scenario.defer(async () => {
      await Promise.allSettled(restarts);
      await server.stop();
    });

    const faults = new RandomFaults(
      {
        scenario,
        proxies,
        postgres,
        databaseProxy,
        instance: () => mortal,
        restartServer: () => {
          if (isStarting) return;
          isStarting = true;
          const restart = async (): Promise<void> => {
            await server.kill('SIGKILL');
            server = await startServer();
            isStarting = false;
          };
          restarts.push(restart());
        },
        async restartInstance() {
          await mortal.end('SIGKILL');
          mortal = await startInstance(redis.url);
        },
      },
      random,
    );
    const writers = new RandomWriters(invariants, random);
    writers.writePairs('direct', direct);
    writers.writePairs('first', first);
    writers.count('count-direct', direct);
    writers.count('count-first', first);
    writers.count('count-second', second);
    writers.writeRaw(redis);
    writers.writeOverHttp(server.url, API_KEY);
    const stopLooking = lookForStaleness(configs, writers, invariants);

    const startedAtMs = performance.now();
    await faults.run(startedAtMs + MINUTES * 60_000);
    const healedAtMs = performance.now();
    await Promise.all(restarts);
    await writers.stop();
    for (const config of configs) await becomesLive(config, 30_000);
    await converges(redis, configs, 15_000);
    const values = await stored(redis);
    for (const child of [lasting, mortal])
      await until('the process serves what is stored', () => isDeepStrictEqual(lastSign(child)?.values, values));
    const healedMs = performance.now() - healedAtMs;
    stopLooking();
    const { errors } = stopReading();
    for (const what of errors) invariants.history.push({ is: 'misread', instance: 'the reader', invariant: 'U', what });

    for (const child of children) {
      if (child !== lasting && child !== mortal) invariants.history.push(...historyOf(child), killed(children, child));
      else invariants.history.push(...historyOf(child));
    }
    await server.kill('SIGTERM');
    const database = await PostgresDatabase.open(postgres.url);
    scenario.defer(() => database.close());
    const audited = openAudited(redis.url, database);
    scenario.defer(() => audited.close());
    // What the server had no time for any more.
    await audited.feed.catchUp();
    const records = await auditRecords(database);
    await invariants.ends(redis, direct.history({ afterRevision: 0 }), records);
    const problem = (await verifyTrail(database)).problem;
    const violations = [...invariants.violations, ...(problem === null ? [] : [`A: ${problem.message}`])];
    await keepHistory(invariants.history, violations);
    expect(violations).toEqual([]);
    expect(records.filter(({ operation }) => operation === 'GAP')).toEqual([]);
    expect(writers.writes).toBeGreaterThan(20);

    const memory = memoryOf(lasting);
    // Short runs tell of nothing but how a process warms up.
    if (MINUTES >= 5) expect(memory.heldMiBPerMinute).toBeLessThan(MOST_MIB_PER_MINUTE);
    report({
      row: 35,
      scenario: `everything at random for ${MINUTES} minutes, seed ${seedOfRun}: ${writers.writes} change sets, ${children.length} processes, 6 instances, a server on PostgreSQL`,
      injected: Object.entries(faults.counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
      invariants: 'V M T C A N U H L',
      figures: {
        violations: violations.length,
        faults: Object.values(faults.counts).reduce((sum, count) => sum + count, 0),
        healedMs: rounded(healedMs),
        rssMiB: rounded(memory.rssMiB),
        rssMiBPerMinute: rounded(memory.rssMiBPerMinute),
        heldMiB: rounded(memory.heldMiB),
        heldMiBPerMinute: rounded(memory.heldMiBPerMinute),
      },
    });
  },
);

/** H: while an instance calls itself live, it has what was acknowledged longer ago than the bound. Returns how to stop. */
function lookForStaleness(
  configs: readonly DynamicConfig[],
  { acknowledged }: RandomWriters,
  invariants: Invariants,
): () => void {
  let known = 0;
  let expected = 0;
  const timer = setInterval(() => {
    for (let next = acknowledged[known]; next !== undefined; next = acknowledged[known]) {
      if (next.atMs > performance.now() - CACHE_TTL_MS) break;
      expected = Math.max(expected, next.revision);
      known += 1;
    }
    for (const [n, config] of configs.entries()) {
      const { state, revision } = config.status();
      if (state !== 'live' || revision >= expected) continue;
      const what = `called itself live at ${revision}, longer than the bound after ${expected} was acknowledged`;
      invariants.history.push({ is: 'misread', instance: `instance ${n}`, invariant: 'H', what });
    }
  }, 50);
  return () => clearInterval(timer);
}

function signsOf(child: Child): Sign[] {
  return child.json<HistoryEvent | Sign>().filter((line): line is Sign => line.is === 'alive');
}

function lastSign(child: Child): Sign | undefined {
  const line = child.lines.findLast((text) => text.startsWith('{"is":"alive"'));
  return line === undefined ? undefined : (JSON.parse(line) as Sign);
}

function historyOf(child: Child): HistoryEvent[] {
  return child.json<HistoryEvent | Sign>().filter((line): line is HistoryEvent => line.is !== 'alive');
}

function killed(children: readonly Child[], child: Child): HistoryEvent {
  return { is: 'killed', instance: `process ${children.indexOf(child)}` };
}

/** What a process takes, and what of it is held, once it has warmed up; and by how much these grow. */
function memoryOf(
  child: Child,
): Readonly<Record<'rssMiB' | 'rssMiBPerMinute' | 'heldMiB' | 'heldMiBPerMinute', number>> {
  const signs = signsOf(child);
  // Four signs a second, of which each twentieth says what is held.
  const rss = growthOf(signs.map(({ rssBytes }) => rssBytes / MIB));
  const held = growthOf(signs.flatMap(({ heldBytes }) => (heldBytes === null ? [] : [heldBytes / MIB])));
  return {
    rssMiB: rss.mean,
    rssMiBPerMinute: rss.perSample * 240,
    heldMiB: held.mean,
    heldMiBPerMinute: held.perSample * 12,
  };
}

/** The slope of the line that fits best, of all samples but the first quarter. */
function growthOf(all: readonly number[]): { readonly mean: number; readonly perSample: number } {
  const samples = all.slice(Math.floor(all.length / 4));
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length;
  const middle = (samples.length - 1) / 2;
  const covariance = samples.reduce((sum, one, n) => sum + (n - middle) * (one - mean), 0);
  const variance = samples.reduce((sum, _, n) => sum + (n - middle) ** 2, 0);
  return { mean, perSample: covariance / variance };
}

/** For whoever has to find out why. */
async function keepHistory(history: readonly HistoryEvent[], violations: readonly string[]): Promise<void> {
  if (violations.length === 0) return;
  await mkdir(KEPT, { recursive: true });
  const path = join(KEPT, `row-35-${seedOfRun}.jsonl`);
  await writeFile(path, history.map((event) => `${JSON.stringify(event)}\n`).join(''));
  console.error(`${violations.length} violations, seed ${seedOfRun}; the history is kept in ${path}`);
}
