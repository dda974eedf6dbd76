import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { startChild } from '../support/child.ts';
import type { Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { blocksOf } from './blocks.ts';

const bash = promisify(execFile);
const root = new URL('../../', import.meta.url);
/** Modules must lie inside the repository to find the packages. */
const scratch = new URL('.scratch/readme/', import.meta.url);

let redis: RedisServer;
let cleanUps: (() => Promise<unknown>)[];

beforeAll(async () => {
  await mkdir(scratch, { recursive: true });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));
beforeEach(async () => {
  redis = await startRedis();
  cleanUps = [];
});
afterEach(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
  await redis.stop();
});

const blocks = (section: string, language: 'ts' | 'sh'): Promise<string[]> => blocksOf('README.md', language, section);

/** Runs the TypeScript of the README as a reader would save it. */
async function runModule(name: string, code: string): Promise<Child> {
  const file = new URL(`${name}.mjs`, scratch);
  await writeFile(file, code);
  const child = await startChild(file, [], { REDIS_URL: redis.url });
  cleanUps.push(() => child.end('SIGKILL'));
  return child;
}

/** Runs shell lines of the README against this test's own servers; resolves with what each printed. */
async function runShell(lines: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const printed: string[] = [];
  for (const line of lines.split('\n').filter((text) => text !== '' && !text.startsWith('export '))) {
    const command = line
      .replaceAll('redis-cli', `redis-cli -p ${redis.port}`)
      .replaceAll('redis://localhost:6379', redis.url)
      .replaceAll('127.0.0.1:8090', `127.0.0.1:${env['PORT']}`);
    const { stdout } = await bash('bash', ['-c', command], { cwd: root, env: { ...process.env, ...env } });
    printed.push(stdout.trim());
  }
  return printed;
}

describe('the README', () => {
  it('has a service that prints what is changed by muttctl and by redis-cli', async () => {
    const [service = ''] = await blocks('A service on Redis', 'ts');
    const [shell = ''] = await blocks('A service on Redis', 'sh');
    expect(service.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
    const child = await runModule('service', service);
    await until('it runs', () => child.lines.includes('batches of 100'));
    await runShell(shell, {});
    await until('it prints the callback', () =>
      child.lines.some((line) => line.startsWith('cache_reload_interval is now 600 (')),
    );
    await until('it reads the new value', () => child.lines.includes('batches of 250'));
    expect(await child.end('SIGTERM')).toBe(0);
  });

  it("has the guide's four steps", async () => {
    const steps = await blocks("The guide's four steps", 'ts');
    expect(steps).toHaveLength(4);
    const child = await runModule('steps', `${steps.join('\n')}\nconsole.log('done', config.status().entries);`);
    await until('they are done', () => child.lines.some((line) => line.startsWith('done')));
    expect(child.lines).toEqual([
      'Config key not found: api_key',
      '[Object: null prototype] {}',
      'Cache interval updated to 300s',
      'done 3',
    ]);
  });

  it('has what legacy peers do', async () => {
    const [shell = ''] = await blocks('Python services and redis-cli', 'sh');
    await redis.cli('SET', 'mutt:config:cache_reload_interval', '300');
    expect(await runShell(shell, {})).toEqual(['300', 'OK', '0', '0']);
  });

  describe('after npm start', () => {
    let server: ServerProcess;
    beforeEach(async () => {
      server = await startServerProcess({ PORT: String(await freePort()) });
      cleanUps.push(() => server.stop());
    });

    it('has a first try with muttctl and curl', async () => {
      const [, shell = '', undo = ''] = await blocks('Two commands', 'sh');
      const port = new URL(server.url).port;
      const [set, get, list, curl] = await runShell(shell, { PORT: port, MUTT_API_KEY: server.apiKey });
      expect(set).toContain('600');
      expect(get).toBe('600');
      expect(list).toContain('cache_reload_interval');
      expect(JSON.parse(curl ?? '')).toMatchObject({ key: 'cache_reload_interval', value: '600', revision: 1 });
      const undone = await runShell(undo, { PORT: port, MUTT_API_KEY: server.apiKey });
      const [, history, rollback, again, verified] = undone.map((text) =>
        text.startsWith('{') ? (JSON.parse(text) as object) : text,
      );
      expect(history).toMatchObject({ records: [{ reason: 'a typo' }, { reason: 'first try', changed_by: 'admin' }] });
      expect(rollback).toMatchObject({ value: '600', revision: 3 });
      expect(again).toBe('600');
      expect(verified).toMatchObject({ ok: true, records: 3 });
    });
  });
});
