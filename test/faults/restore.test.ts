import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { startServer } from '../../packages/server/src/index.ts';
import type { RunningServer } from '../../packages/server/src/index.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { DATABASE_CHOICES } from '../support/database-choices.ts';
import { report } from '../support/report.ts';
import { Scenario } from '../support/scenario.ts';

const SETTINGS = 2_500;
const API_KEY = 'correct-horse-battery-staple';

it.each(DATABASE_CHOICES)(
  'row 10: Redis comes back empty, and every process is gone: the trail in $name has it all',
  async (kind) => {
    await using scenario = await Scenario.start();
    const database = await kind.start(scenario);
    const dataDir = await makeDataDir('mutt-restore-');
    scenario.defer(() => rm(dataDir, { recursive: true, force: true }));
    const start = async (): Promise<RunningServer> =>
      startServer({
        host: '127.0.0.1',
        port: 0,
        dataDir,
        entries: { store: 'redis', url: scenario.redis.url },
        apiKey: API_KEY,
        logLevel: 'silent',
        ...database,
      });
    const call = async ({ url }: RunningServer, path: string, body?: object): Promise<Record<string, unknown>> => {
      const headers = { 'x-api-key': API_KEY, 'content-type': 'application/json' };
      const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
      return (await fetch(`${url}/api/v1/${path}`, init)).json() as Promise<Record<string, unknown>>;
    };

    const before = await start();
    const values = Object.fromEntries(Array.from({ length: SETTINGS }, (_, n) => [`setting_${n}`, `value ${n}`]));
    const changes = Object.entries(values).map(([key, value]) => ({ key, value }));
    for (let n = 0; n < changes.length; n += 1_000)
      await call(before, 'changes', { changes: changes.slice(n, n + 1_000) });
    await call(before, 'changes', { changes: [{ key: 'deleted', value: 'x' }] });
    await call(before, 'changes', { changes: [{ key: 'deleted', delete: true }] });
    expect(await call(before, 'audit/verify')).toMatchObject({ ok: true, records: SETTINGS + 2 });
    await before.close();
    await scenario.redis.restart();
    expect(await scenario.redis.cli('DBSIZE')).toBe('0');

    const after = await start();
    scenario.defer(() => after.close());
    expect(await call(after, 'config')).toMatchObject({ count: 0 });
    expect(await call(after, 'restore', { from: 'trail' })).toMatchObject({ restored: SETTINGS });
    expect(await call(after, 'config')).toMatchObject({ config: values, count: SETTINGS });
    expect(await call(after, 'audit/verify')).toMatchObject({ ok: true, gaps: 1 });
    report({
      row: 10,
      scenario: 'Redis restarted empty, server restarted, restored from the trail',
      injected: 'K9',
      invariants: 'A C',
      figures: { 'settings lost': 0 },
    });
  },
);
