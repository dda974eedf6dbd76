import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { blocksOf } from './blocks.ts';

const bash = promisify(execFile);
const root = new URL('../../', import.meta.url);

let redis: RedisServer;
let server: ServerProcess;

beforeEach(async () => {
  redis = await startRedis();
  server = await startServerProcess({ PORT: String(await freePort()), REDIS_URL: redis.url });
});
afterEach(async () => {
  await server.stop();
  await redis.stop();
});

/** Runs each line of shell against this test's server; resolves with what each printed. */
async function runLines(blocks: readonly string[]): Promise<string[]> {
  const printed: string[] = [];
  const env = { ...process.env, MUTT_API_KEY: server.apiKey, MUTT_CONFIG_URL: server.url };
  for (const line of blocks.flatMap((block) => block.split('\n')).filter((text) => text !== '')) {
    const command = line.replaceAll('http://127.0.0.1:8090', server.url).replaceAll('curl ', 'curl -sS ');
    const { stdout } = await bash('bash', ['-c', command], { cwd: root, env });
    printed.push(stdout.trim());
  }
  return printed;
}

/** What an answer has, whatever its values: as the page shows it. */
function shapeOf(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(shapeOf);
  if (typeof json !== 'object' || json === null) return json === null ? null : typeof json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, shapeOf(value)]));
}

describe('docs/rest-api.md', { timeout: 120_000 }, () => {
  it('has commands that work, with answers as shown', async () => {
    const answers = await runLines(await blocksOf('docs/rest-api.md', 'sh'));
    const shown = (await blocksOf('docs/rest-api.md', 'json')).map((text) => JSON.parse(text) as unknown);
    const [list, put, get, remove, created, sent, again, entries, changes, history, instances, restored, events] =
      answers;
    const parsed = [put, get, remove, history, restored].map((text) => JSON.parse(text ?? '') as unknown);
    const [shownPut, shownGet, shownRemove, , shownHistory, shownInstances, shownRestored, shownError] = shown;
    expect(parsed.map(shapeOf)).toEqual([shownPut, shownGet, shownRemove, shownHistory, shownRestored].map(shapeOf));
    expect(JSON.parse(put ?? '')).toEqual(shownPut);
    expect(JSON.parse(list ?? '')).toEqual({ config: {}, count: 0, revision: 0 });
    expect(JSON.parse(created ?? '')).toMatchObject({ value: '100', revision: 3 });
    expect(again).toBe(sent);
    expect(JSON.parse(changes ?? '')).toMatchObject({ revision: 5, reason: 'incident over' });
    expect(JSON.parse(entries ?? '')).toMatchObject({ entries: [{ key: 'moog_rate_limit', invalid: null }] });
    expect(Object.keys(JSON.parse(instances ?? '') as object)).toEqual(Object.keys(shownInstances as object));
    expect(events).toContain('event: connected');
    const headers = { 'x-api-key': server.apiKey };
    const missing = await (await fetch(`${server.url}/api/v1/config/nope`, { headers })).json();
    expect(missing).toMatchObject({ ...(shownError as object), correlation_id: expect.any(String) as string });
  });
});

describe('docs/history-and-undo.md', { timeout: 120_000 }, () => {
  it('has commands that work, with answers as shown', async () => {
    const [, , ...answers] = await runLines(await blocksOf('docs/history-and-undo.md', 'sh'));
    const shown = (await blocksOf('docs/history-and-undo.md', 'json')).map((text) => JSON.parse(text) as unknown);
    const [history, undone, undoneSet, back, refused, snapshot, diff, restored] = answers;
    const parsed = [history, undone, undoneSet, refused, snapshot, diff].map(
      (text) => JSON.parse(text ?? '') as unknown,
    );
    expect(parsed.map(shapeOf)).toEqual(shown.map(shapeOf));
    expect(parsed[0]).toMatchObject({ records: [{ record_id: 3_591_669_754_038_013, reason: 'more, more' }] });
    expect(parsed[1]).toEqual(shown[1]);
    expect(parsed[2]).toEqual(shown[2]);
    expect(JSON.parse(back ?? '')).toMatchObject({ value: '100', revision: 5 });
    expect(parsed[3]).toMatchObject({ error: (shown[3] as { error: string }).error });
    expect(restored).toContain('Nothing is lost');
  });
});

describe('docs/server.md', { timeout: 120_000 }, () => {
  it('has commands that work', async () => {
    const health = await runLines(await blocksOf('docs/server.md', 'sh', 'Is it well?'));
    expect(health.map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { status: 'up' },
      { status: 'ready', state: 'live', components: { store: { status: 'up' }, audit: { status: 'up' } } },
    ]);
    const restore = await runLines(await blocksOf('docs/server.md', 'sh', 'When Redis was emptied'));
    expect(restore.join()).toContain('Nothing is lost');
  });

  it('has variables and arguments that start a server', async () => {
    const [starts = '', newKey = ''] = [
      ...(await blocksOf('docs/server.md', 'sh', 'What can be set')),
      ...(await blocksOf('docs/server.md', 'sh', 'The admin API key')),
    ];
    for (const command of [starts, newKey]) {
      const [words = '', args = ''] = command.trim().split('npm start');
      const named = Object.fromEntries(
        words
          .trim()
          .split(' ')
          .filter(Boolean)
          .map((word) => word.split('=', 2) as [string, string]),
      );
      // Names as on the page, places of this test's own.
      const own = { REDIS_URL: redis.url, PORT: String(await freePort()), MUTT_DATA_DIR: undefined };
      const env = Object.fromEntries(Object.keys(named).map((name) => [name, own[name as keyof typeof own]]));
      const started = await startServerProcess(
        { ...env, PORT: own.PORT },
        args.replace('-- ', '').trim().split(' ').filter(Boolean),
      );
      expect(started.output()).toContain('API key');
      expect(started.output()).not.toContain(fileURLToPath(new URL('../../.mutt', import.meta.url)));
      await started.stop();
    }
  });
});
