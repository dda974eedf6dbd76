import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '@redis/client';
import { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { blocksOf } from '../docs/blocks.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startServerProcess } from '../support/server-process.ts';

const bash = promisify(execFile);

let redis: RedisServer;
const configs: DynamicConfig[] = [];
const logger = { warn: () => {}, error: () => {} };

beforeEach(async () => {
  redis = await startRedis();
  const recipes = await blocksOf('docs/security.md', 'sh', 'Least privilege on Redis');
  expect(recipes).toHaveLength(4);
  for (const recipe of recipes) {
    const { stdout } = await bash('bash', ['-c', recipe.replace('redis-cli', `redis-cli -p ${redis.port}`)]);
    expect(stdout.trim()).toBe('OK');
  }
});
afterEach(async () => {
  for (const config of configs.splice(0)) await config.close();
  await redis.stop();
});

const urlOf = (user: string): string => redis.url.replace('//', `//${user}:${user}-password@`);

async function connect(url: string): Promise<DynamicConfig> {
  const config = await DynamicConfig.connect(url, { cacheTtl: 0.3, logger });
  configs.push(config);
  return config;
}

/** What a user was refused, each once. */
async function denied(): Promise<string[]> {
  const lines = (await redis.cli('ACL', 'LOG')).split('\n');
  const objects = lines.flatMap((line, n) => (line === 'object' ? [lines[n + 1] ?? ''] : []));
  return [...new Set(objects)].toSorted((a, b) => (a < b ? -1 : 1));
}

describe('with least privilege on Redis', { timeout: 120_000 }, () => {
  it('a reading service follows every change, and can write nothing', async () => {
    const admin = await connect(redis.url);
    await admin.set('a', '1');
    const reading = await connect(urlOf('reading'));
    await until('it is live', () => reading.status().state === 'live');
    expect(reading.get('a')).toBe('1');
    await admin.set('a', '2');
    await until('it follows a commit', () => reading.get('a') === '2');
    await redis.cli('SET', 'mutt:config:b', 'raw');
    await until('it follows a raw write', () => reading.getAll()['b'] === 'raw');
    await expect(reading.set('a', '3')).rejects.toThrow('extend its ACL');
    expect(await redis.cli('GET', 'mutt:config:a')).toBe('2');
    for (const command of [['SET', 'mutt:config:a', 'x'], ['DEL', 'mutt:config@log'], ['GET', 'other'], ['FLUSHALL']]) {
      expect(
        await redis.cli('--user', 'reading', '--pass', 'reading-password', '--no-auth-warning', ...command),
      ).toMatch(/NOPERM|No permissions/);
    }
  });

  it('a writing service does all that it does without limits', async () => {
    const writing = await connect(urlOf('writing'));
    const other = await connect(urlOf('writing'));
    await writing.set('a', '1', { requestId: 'r-1' });
    await writing.commit([
      { key: 'a', delete: true },
      { key: 'b', value: '2' },
    ]);
    await redis.cli('SET', 'mutt:config:c', 'raw');
    await until(
      'what was written past them is recorded',
      async () => (await redis.cli('XLEN', 'mutt:config@log')) === '3',
    );
    await until('they agree', () => JSON.stringify(other.getAll()) === JSON.stringify({ b: '2', c: 'raw' }));
    expect(await denied()).toEqual([]);
  });

  it('the server serves, records and audits', async () => {
    const server = await startServerProcess({ REDIS_URL: urlOf('server') });
    try {
      const headers = { 'x-api-key': server.apiKey, 'content-type': 'application/json' };
      const body = JSON.stringify({ value: '1', reason: 'incident 4711' });
      const put = await fetch(`${server.url}/api/v1/config/a`, { method: 'PUT', headers, body });
      expect(put.status).toBe(200);
      await redis.cli('SET', 'mutt:config:b', 'raw');
      await until('both are in the trail', async () => {
        const audit = await fetch(`${server.url}/api/v1/audit`, { headers });
        return ((await audit.json()) as { records: unknown[] }).records.length === 2;
      });
      const instances = (await (await fetch(`${server.url}/api/v1/instances`, { headers })).json()) as object;
      expect(instances).toMatchObject({ instances: [{ service: 'mutt-server' }], count: 1, other_subscribers: 0 });
      expect(await redis.cli('XINFO', 'GROUPS', 'mutt:config@log')).toContain('audit:');
      expect(await denied()).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  it('a legacy peer reads and writes values, and nothing of ours', async () => {
    const config = await connect(redis.url);
    await config.set('a', '1');
    const peer = createClient({ url: urlOf('legacy') }).on('error', () => {});
    await peer.connect();
    try {
      const found: string[] = [];
      for await (const keys of peer.scanIterator({ MATCH: 'mutt:config:*' })) found.push(...keys);
      expect([found, await peer.get('mutt:config:a')]).toEqual([['mutt:config:a'], '1']);
      await peer.set('mutt:config:a', '2');
      await peer.publish('mutt:config:updates', 'a');
      await until('it is seen', () => config.get('a') === '2');
      await expect(peer.del('mutt:config@log')).rejects.toThrow('NOPERM');
      await expect(peer.publish('mutt:config@changes', 'forged')).rejects.toThrow('NOPERM');
    } finally {
      peer.destroy();
    }
  });
});
