import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { startChild } from '../support/child.ts';
import type { Child } from '../support/child.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { snippets } from '../support/snippets.ts';

/** Modules must lie inside the repository to find the packages. */
const scratch = new URL('.scratch-library/', import.meta.url);

let redis: RedisServer;
let folder: string;
let running: Child | null;

beforeEach(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'mutt-docs-'));
  running = null;
  await mkdir(scratch, { recursive: true });
});
afterEach(async () => {
  await running?.end('SIGKILL');
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(scratch, { recursive: true, force: true });
});

/** Runs TypeScript of a page as a reader would save it. */
async function run(code: string, env: NodeJS.ProcessEnv = {}): Promise<Child> {
  const file = new URL('page.mjs', scratch);
  await writeFile(file, code);
  running = await startChild(file, [], { REDIS_URL: redis.url, ...env });
  return running;
}

describe('docs/react-to-changes.md', () => {
  it('prints what it says', async () => {
    const page = await run((await snippets('docs/react-to-changes.md', 'ts')).join('\n'));
    expect(await page.exited).toBe(0);
    expect(page.lines.filter((line) => !line.startsWith('now '))).toEqual([
      'moog_rate_limit: null → 200 by alice: incident 4711',
      expect.stringMatching(/^moog_rate_limit: 200 → \(deleted\) by .*: no reason$/),
      'seen: mode = shed (commit)',
      'shedding as of revision 3',
    ]);
    expect(page.lines.at(-1)).toMatch(/^now stale; proven \d+ ms ago; all is well$/);
  });
});

describe('docs/outages.md', () => {
  it('begins with the file, is told of the loss, and settles it', async () => {
    const [start = '', alarm = '', settle = ''] = await snippets('docs/outages.md', 'ts');
    const snapshotFile = join(folder, 'snapshot');
    const env = { SNAPSHOT_FILE: snapshotFile };
    const before = await DynamicConfig.connect(redis.url, { snapshotFile });
    await before.set('rate', '100');
    await before.close();
    redis.process.kill('SIGSTOP');
    const offline = await run(`${start}\nprocess.exit(0);`, env);
    await offline.exited;
    redis.process.kill('SIGCONT');
    expect(offline.lines).toEqual(['offline, from the file, revision 1']);
    await redis.cli('FLUSHALL');
    const alarmed = await run(`${start}\n${alarm}\n${settle}`, env);
    expect(await alarmed.exited).toBe(0);
    expect(alarmed.lines.at(-1)).toBe('store_emptied: 1 keys, as of revision 1');
    await until('it is restored', async () => (await redis.cli('GET', 'mutt:config:rate')) === '100');
  });
});

describe('docs/declare-your-settings.md', () => {
  it('prints what it says, and refuses what comes past it', async () => {
    const [start = '', ...rest] = await snippets('docs/declare-your-settings.md', 'ts');
    const page = await run([start, ...rest].join('\n'));
    await until('the page is through', () => page.lines.includes('0 refused now, 0 since the start'));
    expect(page.lines).toEqual([
      '200',
      'Invalid value for moog_rate_limit: it must be at most 10000.',
      'warn_percent (90) must be below shed_percent (80).',
      '0 refused now, 0 since the start',
    ]);
    expect(await redis.cli('GET', 'mutt:config:flush_every')).toBe('90s');
    await redis.cli('SET', 'mutt:config:moog_rate_limit', 'many');
    const refused = 'refused: moog_rate_limit by somebody: The value of moog_rate_limit must be a whole number.';
    await until('it is refused', () => page.lines.includes(refused));
    await redis.cli('SET', 'mutt:config:moog_rate_limit', '200');
    await until('it is taken', () => page.lines.includes('limited to 200'));
  });
});

describe('docs/migrate-from-environment-variables.md', () => {
  it('seeds from the environment, once, and reads', async () => {
    const [declare = '', seeding = '', reading = ''] = await snippets(
      'docs/migrate-from-environment-variables.md',
      'ts',
    );
    await writeFile(new URL('settings.mjs', scratch), declare);
    const env = { CACHE_RELOAD_INTERVAL: '450', DEBUG_MODE: 'True' };
    const first = await run([seeding, reading].join('\n'), env);
    expect(await first.exited).toBe(0);
    expect(first.lines).toEqual([
      'set cache_reload_interval 450',
      'set max_ingest_queue_size 100000',
      'set moog_rate_limit 100',
      'set debug_mode true',
      '600 200',
    ]);
    const again = await run(seeding, env);
    await until('it is through', () => again.lines.length === 4);
    expect(again.lines[0]).toBe('keep cache_reload_interval 600');
  });

  it('has commands that do the same', async () => {
    const [declare = ''] = await snippets('docs/migrate-from-environment-variables.md', 'ts');
    await writeFile(new URL('settings.mjs', scratch), declare);
    const [commands = ''] = await snippets('docs/migrate-from-environment-variables.md', 'sh');
    const [plan, init, verify] = commands
      .trim()
      .split('\n')
      .map((line) => line.replace(/^npx muttctl /, ''));
    const env = { REDIS_URL: redis.url, MAX_INGEST_QUEUE_SIZE: '5000' };
    expect(await muttctl(plan ?? '', env)).toMatchObject({ code: 0 });
    expect(await redis.cli('EXISTS', 'mutt:config:max_ingest_queue_size')).toBe('0');
    expect(await muttctl(init ?? '', env)).toMatchObject({ code: 0 });
    expect(await redis.cli('GET', 'mutt:config:max_ingest_queue_size')).toBe('5000');
    expect(await muttctl(verify ?? '', env)).toMatchObject({ code: 0 });
  });
});

/** Runs muttctl where the pages' modules are. */
async function muttctl(line: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const main = fileURLToPath(new URL('../../packages/muttctl/src/main.ts', import.meta.url));
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const node = ['--conditions=@mutt/source', '--import', 'tsx', main, ...args];
  return new Promise((resolve) => {
    const options = { cwd: fileURLToPath(scratch), env: { ...process.env, ...env } };
    execFile(process.execPath, node, options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}
