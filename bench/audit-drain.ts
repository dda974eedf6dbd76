import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../test/support/postgres-server.ts';
import { BenchProcess } from './bench-process.ts';
import { atLeast } from './figure.ts';
import type { Bench, Figure } from './figure.ts';
import { Offer } from './offer.ts';
import { withRedis } from './with-redis.ts';

const OFFERED_PER_SECOND = 1_000;

/** What a server drains into its audit trail while commits are offered, at a steady rate, for so long; and how soon it has the rest. */
export const auditDrainBench: Bench = {
  names: ['audit_drain_postgres', 'audit_drain_embedded'],
  async run({ quick }) {
    const seconds = quick ? 5 : 20;
    const postgres = await startPostgres();
    const folder = await mkdtemp(join(tmpdir(), 'mutt-bench-'));
    try {
      return [
        await measure('audit_drain_postgres', postgres.url, seconds),
        await measure('audit_drain_embedded', folder, seconds),
      ];
    } finally {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(name: string, databaseUrl: string, seconds: number): Promise<Figure> {
  return withRedis(async ({ url }) => {
    const server = await BenchProcess.start('audit-drain-process.ts', [url, databaseUrl]);
    const offer = await Offer.open(url);
    // Until everything is compiled.
    await offer.run(OFFERED_PER_SECOND, 2);
    await drained(server, offer.revision);
    const before = offer.revision;
    const startedAt = performance.now();
    const offered = await offer.run(OFFERED_PER_SECOND, seconds);
    const { recorded: during } = await ask(server);
    const elapsedMs = performance.now() - startedAt;
    const restMs = await drained(server, offer.revision);
    await offer.close();
    await server.stop();
    const ours = ((during - before) * 1_000) / elapsedMs;
    return atLeast(1, {
      name,
      unit: '/s',
      // What is committed last needs a moment: all of it counts when that moment is one.
      ours: restMs <= 250 ? offered : ours,
      floor: offered,
      also: { backlog: offer.revision - during, backlog_to_zero_ms: restMs },
    });
  });
}

interface Standing {
  /** Up to which revision the trail has all. */
  readonly recorded: number;
}

async function ask(server: BenchProcess): Promise<Standing> {
  const answer = server.next();
  server.send('where');
  return (await answer) as Standing;
}

/** Resolves when the trail has a revision, with how long that took. */
async function drained(server: BenchProcess, revision: number): Promise<number> {
  const startedAt = performance.now();
  while ((await ask(server)).recorded < revision) {
    if (performance.now() - startedAt > 60_000) return Infinity;
  }
  return performance.now() - startedAt;
}
