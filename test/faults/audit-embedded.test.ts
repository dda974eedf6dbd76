import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as elapse } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { auditRecords, auditViolations, historyOf } from '../../packages/server/test/audited.ts';
import { EmbeddedDatabase } from '../../packages/server/src/embedded/embedded-database.ts';
import { EmbeddedStore } from '../../packages/server/src/embedded/embedded-store.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { freePort } from '../support/free-port.ts';
import { Invariants } from '../support/invariants.ts';
import { report } from '../support/report.ts';
import { seededRandom } from '../support/seed.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import type { HistoryEvent } from './history.ts';

const KILLS = process.env['FAULTS'] === 'full' ? 50 : 8;
const API_KEY = 'a-key-of-the-tests';
const HEADERS = { 'x-api-key': API_KEY, 'content-type': 'application/json' };
const WRITERS = 3;
const root = fileURLToPath(new URL('../../', import.meta.url));

/** One for all: to make a database takes seconds. */
let folder: string;
let servers: ServerProcess[];

beforeAll(async () => {
  folder = await makeDataDir('mutt-embedded-');
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => {
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
});

async function start(): Promise<ServerProcess> {
  const server = await startServerProcess({
    MUTT_DATA_DIR: folder,
    MUTT_API_KEY: API_KEY,
    REDIS_URL: '',
    DATABASE_URL: '',
  });
  servers.push(server);
  return server;
}

/** What was acknowledged of a key: its latest value, and the one that may have been applied after it. */
interface Written {
  acknowledged: number;
  attempted: number;
}

/** The request says who it is, so that the log can be asked what became of it. */
async function put(url: string, key: string, value: number, requestId: string = randomUUID()): Promise<number> {
  const reply = await fetch(`${url}/api/v1/config/${key}`, {
    method: 'PUT',
    headers: { ...HEADERS, 'idempotency-key': requestId },
    body: JSON.stringify({ value: String(value) }),
  });
  if (!reply.ok) throw new Error(await reply.text());
  return ((await reply.json()) as { revision: number }).revision;
}

/** Writes ever higher numbers, until the server is gone. */
async function writeUntilGone(url: string, key: string, written: Written, history: HistoryEvent[]): Promise<void> {
  for (;;) {
    written.attempted += 1;
    const requestId = `${key}-${written.attempted}`;
    history.push({ is: 'attempted', key, value: String(written.attempted) });
    try {
      const revision = await put(url, key, written.attempted, requestId);
      history.push({ is: 'acknowledged', requestId, revision });
      written.acknowledged = written.attempted;
    } catch {
      return;
    }
  }
}

describe('row 26: the embedded server killed in the middle of commits', () => {
  it(`${KILLS} times: nothing acknowledged is lost, each change has its record`, { timeout: 600_000 }, async () => {
    const random = seededRandom('row 26');
    const keys = Array.from({ length: WRITERS }, (_, n) => `key_${n}`);
    const state = new Map(keys.map((key) => [key, { acknowledged: 0, attempted: 0 }]));
    const invariants = new Invariants();
    let lost = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const server = await start();
      const config = await served(server);
      const head = { epoch: '', revision: 0, hash: '' };
      invariants.history.push({ is: 'began', instance: `server ${kill}`, head, values: config });
      invariants.history.push({ is: 'killed', instance: `server ${kill}` });
      for (const [key, { acknowledged, attempted }] of state) {
        const value = Number(config[key] ?? 0);
        if (value < acknowledged) lost += 1;
        expect(value).toBeLessThanOrEqual(attempted);
      }
      const before = [...state.values()].map(({ acknowledged }) => acknowledged);
      const writing = [...state].map(([key, written]) => writeUntilGone(server.url, key, written, invariants.history));
      await until('some are acknowledged', () =>
        [...state.values()].every(({ acknowledged }, n) => acknowledged > (before[n] ?? 0) + 2),
      );
      await elapse(random() * 30);
      await server.kill('SIGKILL');
      await Promise.all(writing);
    }
    const database = await EmbeddedDatabase.open(folder);
    try {
      const store = new EmbeddedStore(database, folder);
      const { entries, head } = await store.load();
      for (const [key, { acknowledged }] of state) {
        if (Number(entries.get(key)?.value ?? 0) < acknowledged) lost += 1;
      }
      const history = await historyOf(store);
      expect(await auditViolations(database, history)).toEqual([]);
      const records = await auditRecords(database);
      expect(records.some(({ operation }) => operation === 'GAP')).toBe(false);
      const values = Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
      await invariants.ends(values, history, records);
      expect(invariants.violations).toEqual([]);
      expect(lost).toBe(0);
      report({
        row: 26,
        scenario: `the embedded server killed ${KILLS} times in the middle of commits`,
        injected: 'kill -9',
        invariants: 'A C',
        figures: { commits: head.revision, acknowledgedLost: lost },
      });
    } finally {
      await database.close();
    }
  });
});

async function served({ url }: ServerProcess): Promise<Record<string, string>> {
  const reply = await fetch(`${url}/api/v1/config`, { headers: HEADERS });
  return ((await reply.json()) as { config: Record<string, string> }).config;
}

describe('row 27: a second process on the embedded folder', () => {
  it('is refused with a sentence that names the folder and the process, and changes nothing', async () => {
    const server = await start();
    await put(server.url, 'a', 1);
    const before = await auditOf(server);
    const second = spawn(process.execPath, ['scripts/start.mjs'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        MUTT_DATA_DIR: folder,
        PORT: String(await freePort()),
        MUTT_API_KEY: 'another',
        REDIS_URL: '',
        DATABASE_URL: '',
      },
    });
    let output = '';
    for (const stream of [second.stdout, second.stderr])
      stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    const [code] = (await once(second, 'close')) as [number | null];
    expect(code).toBe(1);
    expect(output).toContain(folder);
    expect(output).toMatch(/in use|used by|process \d+/);
    expect(output).not.toMatch(/^\s+at /m);
    // Another program, in this process, is no better off.
    await expect(EmbeddedDatabase.open(folder)).rejects.toThrow(folder);
    await put(server.url, 'a', 2);
    expect((await auditOf(server)).slice(0, -1)).toEqual(before);
    await server.kill('SIGKILL');
    const again = await start();
    expect(await served(again)).toMatchObject({ a: '2' });
    expect(await auditOf(again)).toHaveLength(before.length + 1);
    report({
      row: 27,
      scenario: 'a second process on the embedded folder',
      injected: 'npm start',
      invariants: 'A',
      figures: { rowsLost: 0 },
    });
  });
});

async function auditOf({ url }: ServerProcess): Promise<string[]> {
  const reply = await fetch(`${url}/api/v1/audit/export?format=jsonl`, { headers: HEADERS });
  return (await reply.text()).trimEnd().split('\n');
}
