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
import { blocksOf } from './blocks.ts';

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
    // A reader's machine is not as busy as one that runs tests.
    const patient = start.replace('startupTimeoutMs: 500', 'startupTimeoutMs: 20_000');
    const alarmed = await run(`${patient}\n${alarm}\n${settle}`, env);
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

describe('docs/migrate-from-v2.3.md', () => {
  const page = 'docs/migrate-from-v2.3.md';

  it('takes a service that reads environment variables to one that is changed while it runs, in its four steps', async () => {
    const [before = '', declare = '', connect = '', replace = ''] = await blocksOf(page, 'js');
    const [initialize = '', test = '', better = ''] = await blocksOf(page, 'sh');
    const environment = { CACHE_RELOAD_INTERVAL: '120', MAX_INGEST_QUEUE_SIZE: '5000' };

    const static23 = await run(before, environment);
    await until('v2.3 runs', () => static23.lines.includes('caches for 120 s, queues up to 5000'));
    await redis.cli('SET', 'mutt:config:cache_reload_interval', '700');
    static23.lines.length = 0;
    await until('it went on', () => static23.lines.length > 0);
    expect(static23.lines[0]).toBe('caches for 120 s, queues up to 5000');
    await redis.cli('DEL', 'mutt:config:cache_reload_interval');

    await writeFile(new URL('settings.mjs', scratch), declare);
    const added = await run(`${connect}\n${before}`, environment);
    await until('step 1 changes nothing', () => added.lines.includes('caches for 120 s, queues up to 5000'));

    for (const line of initialize.trim().split('\n')) {
      expect(await muttctl(line, { REDIS_URL: redis.url, ...environment })).toMatchObject({ code: 0 });
    }
    const replaced = await run(`${connect}\n${replace}`);
    await until('it reads what was stored', () => replaced.lines.includes('caches for 120 s, queues up to 5000'));

    await redis.cli(...test.trim().split(' ').slice(1));
    await until('the callback is called', () => replaced.lines.includes('cache cleared, now for 600 s'));
    await until('it is used', () => replaced.lines.includes('caches for 600 s, queues up to 5000'));
    const [set = '', history = ''] = better.trim().split('\n');
    expect(await muttctl(set, { REDIS_URL: redis.url })).toMatchObject({ code: 0 });
    await until('it is used, too', () => replaced.lines.includes('caches for 450 s, queues up to 5000'));
    expect((await muttctl(history, { REDIS_URL: redis.url })).output).toContain('the rules change often today');
    expect(replaced.process.exitCode).toBeNull();
  });
});

describe('docs/integrate-a-service.md', () => {
  it('prints what it says', async () => {
    const page = await run((await snippets('docs/integrate-a-service.md', 'ts')).join('\n'));
    expect(await page.exited).toBe(0);
    expect(page.lines).toEqual(['202 503', 'rules are read again every 600 s, cache cleared', 'true true false']);
  });

  it('has a command for people without our tools', async () => {
    const [shared = ''] = await blocksOf('docs/integrate-a-service.md', 'sh');
    const config = await DynamicConfig.connect(redis.url);
    const [plain = ''] = shared.split('\n');
    await redis.cli(...plain.split(' ').slice(1));
    await until('it is seen', () => config.get('moog_rate_limit') === '200');
    await config.close();
  });
});

describe('docs/best-practices.md', () => {
  it('prints what it says', async () => {
    const code = await snippets('docs/best-practices.md', 'ts');
    const page = await run([...code, "console.log('through');"].join('\n'));
    await until('the page is through', () => page.lines.includes('through'));
    expect(page.lines).toEqual([
      '200000 false 30000',
      'Invalid value for max_queue_size: it must be at least 1.',
      'true 100000',
      '100000 30000',
      '50000',
      'through',
    ]);
    expect(await page.end()).toBe(0);
  });
});

/** Runs muttctl where the pages' modules are. */
async function muttctl(line: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const main = fileURLToPath(new URL('../../packages/muttctl/src/main.ts', import.meta.url));
  const args = [...line.replace(/^npx muttctl /, '').matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
  const node = ['--conditions=@mutt/source', '--import', 'tsx', main, ...args];
  return new Promise((resolve) => {
    const options = { cwd: fileURLToPath(scratch), env: { ...process.env, ...env } };
    execFile(process.execPath, node, options, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}
