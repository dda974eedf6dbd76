import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { auditRecords, auditViolations, historyOf, openAudited } from '../../packages/server/test/audited.ts';
import { PostgresDatabase } from '../../packages/server/src/postgres/postgres-database.ts';
import { startPostgres } from '../support/postgres-server.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { report } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';

const API_KEY = 'a-key-of-the-tests';
const WRITERS = 4;
/** Before a server is killed, until another one is there, and after that. */
const COMMITS_EACH = 150;

describe('row 24: two servers drain one log under load', () => {
  let postgres: PostgresServer;
  let scenario: Scenario;

  beforeAll(async () => {
    [postgres, scenario] = await Promise.all([startPostgres(), Scenario.start()]);
  });
  afterAll(() => Promise.all([scenario[Symbol.asyncDispose](), postgres.stop()]));

  async function startServer(): Promise<ServerProcess> {
    const env = { REDIS_URL: scenario.redis.url, DATABASE_URL: postgres.url, MUTT_API_KEY: API_KEY };
    const server = await startServerProcess(env);
    scenario.defer(() => server.stop());
    return server;
  }

  it('one is killed and replaced: one unforked chain, each change once', { timeout: 120_000 }, async () => {
    const [staying, killed] = [await startServer(), await startServer()];
    const config = await scenario.connect();
    let committed = 0;
    const stopping = new AbortController();
    // Some through the library, some through a server.
    const writing = Array.from({ length: WRITERS }, async (_, writer) => {
      for (let n = 0; !stopping.signal.aborted; n++) {
        if (writer === 0) await put(staying, 'key_0', String(n));
        else await config.set(`key_${writer}`, n, { requestId: crypto.randomUUID() });
        committed += 1;
      }
    });
    const more = async (): Promise<void> => {
      const target = committed + COMMITS_EACH;
      await until('more is committed', () => committed >= target);
    };
    await more();
    await killed.kill('SIGKILL');
    await more();
    const replacing = await startServer();
    await more();
    stopping.abort();
    await Promise.all(writing);
    const database = await PostgresDatabase.open(postgres.url);
    scenario.defer(() => database.close());
    const { head } = config;
    const hasAll = async (): Promise<boolean> => (await auditRecords(database)).at(-1)?.revision === head.revision;
    await until('the servers have brought all into the trail', hasAll);
    const audited = openAudited(scenario.redis.url, database);
    scenario.defer(() => audited.close());
    expect(await auditViolations(database, await historyOf(audited.store))).toEqual([]);
    const records = await auditRecords(database);
    const forks = records.length - new Set(records.map(({ previousHash }) => previousHash)).size;
    expect(forks).toBe(0);
    // Both tell the same of it.
    for (const server of [staying, replacing]) {
      const reply = await fetch(`${server.url}/api/v1/audit/verify`, { headers: { 'x-api-key': API_KEY } });
      expect(await reply.json()).toMatchObject({ ok: true, gaps: 0, records: records.length });
    }
    expect([staying, killed, replacing].map(({ output }) => /gap in the audit/.test(output()))).not.toContain(true);
    report({
      row: 24,
      scenario: 'two servers, one killed and replaced, drain one log into PostgreSQL',
      injected: 'kill -9',
      invariants: 'A',
      figures: { commits: committed, forks, duplicates: 0 },
    });
  });
});

async function put({ url }: ServerProcess, key: string, value: string): Promise<void> {
  const reply = await fetch(`${url}/api/v1/config/${key}`, {
    method: 'PUT',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ value }),
  });
  expect(reply.status).toBe(200);
}
