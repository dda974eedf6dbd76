import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig, duration, integer, json, oneOf } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { z } from 'zod';
import { runMuttctl } from '../../packages/muttctl/test/run-muttctl.ts';
import { startChild } from '../support/child.ts';
import type { Child } from '../support/child.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startServerProcess } from '../support/server-process.ts';

let redis: RedisServer;
let cleanUps: (() => Promise<unknown>)[];

beforeEach(async () => {
  redis = await startRedis();
  cleanUps = [];
});
afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  await redis.stop();
});

/** A version of the forwarder, as a process of its own: prints what it serves, and what it refuses. */
async function startForwarder(version: string, most: number): Promise<Child> {
  const service = await startChild(new URL('typed-service.ts', import.meta.url), [redis.url, version, String(most)]);
  cleanUps.push(() => service.end('SIGKILL'));
  await until(`${version} runs`, () => service.lines.length > 0);
  const isDeclared = async (): Promise<boolean> =>
    (await redis.cli('HVALS', 'mutt:config@settings')).includes(`"${version}"`);
  await until(`${version} is registered`, isDeclared);
  return service;
}

const says = (service: Child, line: string): Promise<unknown> =>
  until(`a service says ${line}`, () => service.lines.includes(line));

/** Runs muttctl as a process of its own. */
async function muttctl(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const { exitCode, stdout, stderr } = await runMuttctl(args, { env });
  return { code: exitCode, output: stdout + stderr };
}

describe('a value that its setting refuses', () => {
  it('is refused at each of the five doors, and nothing is written', async () => {
    const service = await startForwarder('1.0', 1_000);
    const server = await startServerProcess({ REDIS_URL: redis.url });
    cleanUps.push(() => server.stop());

    const settings = { moog_rate_limit: integer({ min: 1, max: 1_000 }) };
    const library = await DynamicConfig.connect(redis.url, { settings, service: { name: 'a test' } });
    cleanUps.push(() => library.close());
    await expect(library.set('moog_rate_limit', 5_000)).rejects.toMatchObject({ code: 'value_invalid' });

    for (const url of [redis.url, server.url]) {
      const set = ['config', 'set', 'moog_rate_limit', '5000', '--url', url];
      const { code, output } = await muttctl(set, { MUTT_API_KEY: server.apiKey });
      expect([code, output]).toEqual([5, expect.stringContaining('must be at most 1000')]);
    }

    const put = await fetch(`${server.url}/api/v1/config/moog_rate_limit`, {
      method: 'PUT',
      headers: { 'x-api-key': server.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ value: 5_000 }),
    });
    expect([put.status, await put.json()]).toEqual([422, expect.objectContaining({ code: 'value_invalid' })]);

    expect(await redis.cli('EXISTS', 'mutt:config:moog_rate_limit')).toBe('0');
    await redis.cli('SET', 'mutt:config:moog_rate_limit', '5000');
    await says(service, 'refuses The value of moog_rate_limit must be at most 1000.');
    expect(service.lines.filter((line) => line.startsWith('serves'))).toEqual(['serves 100']);
  });
});

describe('values of other kinds', () => {
  it('are refused at each of the five doors, and nothing is written', async () => {
    const server = await startServerProcess({ REDIS_URL: redis.url });
    cleanUps.push(() => server.stop());
    const settings = {
      mode: oneOf(['dlq', 'defer'], { default: 'dlq' }),
      reload: duration({ min: 1_000, default: 300_000 }),
      smtp: json(z.object({ host: z.string(), port: z.number().int() }), { default: { host: 'localhost', port: 25 } }),
      workers: z.number().int().max(5),
    };
    const library = await DynamicConfig.connect(redis.url, { settings, service: { name: 'a test' } });
    cleanUps.push(() => library.close());
    await until('they are declared', async () => (await redis.cli('HLEN', 'mutt:config@settings')) === '1');
    const untyped = library as unknown as { set(key: string, value: unknown): Promise<unknown> };
    const headers = { 'x-api-key': server.apiKey, 'content-type': 'application/json' };
    // The server looks at declarations once a second at most.
    await until('the server knows them', async () => {
      const declared = await fetch(`${server.url}/api/v1/settings`, { headers });
      return ((await declared.json()) as { count: number }).count === Object.keys(settings).length;
    });
    const good = library.getAll();
    const bad = { mode: 'drop', reload: '10ms', smtp: '{"host":1}', workers: '99' };
    for (const [key, value] of Object.entries(bad)) {
      const typed = key === 'smtp' ? (JSON.parse(value) as object) : key === 'workers' ? Number(value) : value;
      await expect(untyped.set(key, typed), `library, ${key}`).rejects.toMatchObject({ code: 'value_invalid' });
      for (const url of [redis.url, server.url]) {
        const args = ['config', 'set', key, value, '--url', url];
        expect((await muttctl(args, { MUTT_API_KEY: server.apiKey })).code, `muttctl, ${key}, ${url}`).toBe(5);
      }
      const put = { method: 'PUT', headers, body: JSON.stringify({ value }) };
      expect((await fetch(`${server.url}/api/v1/config/${key}`, put)).status, `PUT, ${key}`).toBe(422);
      const post = { method: 'POST', headers, body: JSON.stringify({ changes: [{ key, value }] }) };
      expect((await fetch(`${server.url}/api/v1/changes`, post)).status, `POST, ${key}`).toBe(422);
      expect(await redis.cli('EXISTS', `mutt:config:${key}`)).toBe('0');
      await redis.cli('SET', `mutt:config:${key}`, value);
    }
    await until('each raw one is refused', () => library.status().invalid.length === 4);
    expect(library.getAll()).toEqual(good);
  });
});

describe('a fleet of two versions, with different bounds', () => {
  it('holds writers to what suits both; what comes past them, each takes by its own', async () => {
    const [older, newer] = [await startForwarder('1.0', 1_000), await startForwarder('2.0', 500)];
    const set = (value: string): string[] => ['config', 'set', 'moog_rate_limit', value, '--url', redis.url];
    const refused = await muttctl(set('800'));
    expect([refused.code, refused.output]).toEqual([5, expect.stringContaining('declared by forwarder 2.0')]);
    expect((await muttctl(set('300'))).code).toBe(0);
    for (const service of [older, newer]) await says(service, 'serves 300');
    await redis.cli('SET', 'mutt:config:moog_rate_limit', '800');
    await says(older, 'serves 800');
    await says(newer, 'refuses The value of moog_rate_limit must be at most 500.');
    await redis.cli('SET', 'mutt:config:moog_rate_limit', '400');
    for (const service of [older, newer]) await says(service, 'serves 400');
    expect(newer.lines).not.toContain('serves 800');
  });
});
