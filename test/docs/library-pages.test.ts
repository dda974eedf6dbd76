import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  running = startChild(file, [], { REDIS_URL: redis.url, ...env });
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
