import { afterEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { runMuttctl as muttctl } from '../../packages/muttctl/test/run-muttctl.ts';
import { startCluster } from '../support/redis-cluster.ts';
import { startSentinel } from '../support/redis-sentinel.ts';
import type { SentinelSetup } from '../support/redis-sentinel.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';

const API_KEY = `mutt-${'n'.repeat(40)}`;
const CLUSTER_PREFIX = '{mutt}:config';

let cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  cleanUps = [];
});

async function startServer(REDIS_URL: string, env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ ...env, REDIS_URL, MUTT_API_KEY: API_KEY, DATABASE_URL: '' });
  cleanUps.push(() => server.stop());
  return server;
}

/** Again and again until it is done: nodes change places meanwhile. */
async function put({ url }: ServerProcess, key: string, value: string): Promise<void> {
  const headers = { 'X-API-Key': API_KEY, 'Content-Type': 'application/json' };
  await until(
    `${key} is put`,
    async () => {
      const response = await fetch(`${url}/api/v1/config/${key}`, {
        method: 'PUT',
        headers,
        body: JSON.stringify({ value }),
      });
      return response.ok;
    },
    30_000,
  );
}

describe('a URL of Sentinels', () => {
  const PASSWORD = 'p@ss/word';
  const start = async (): Promise<{ setup: SentinelSetup; url: string }> => {
    const setup = await startSentinel(PASSWORD);
    cleanUps.push(() => setup.stop());
    return {
      setup,
      url: `redis-sentinel://:${encodeURIComponent(PASSWORD)}@127.0.0.1:1,127.0.0.1:${setup.port}/mymaster`,
    };
  };

  it('leads the library, the server and muttctl to the primary, and to the next one', async () => {
    const { setup, url } = await start();
    const server = await startServer(url);
    const config = await DynamicConfig.connect(url, { cacheTtl: 0.5, logger: { warn() {}, error() {} } });
    cleanUps.push(() => config.close());
    expect(config.status().location).toBe(`redis-sentinel://127.0.0.1:1,127.0.0.1:${setup.port}/mymaster`);
    expect(await muttctl(['config', 'set', 'a', '1', '--url', url])).toMatchObject({ exitCode: 0 });
    await until('the instance is told', () => config.get('a', null) === '1');
    await put(server, 'b', '1');
    expect(await muttctl(['config', 'get', 'b', '--url', url])).toMatchObject({ exitCode: 0, stdout: '1\n' });
    const { stdout } = await muttctl(['doctor', '--url', url]);
    expect(stdout).toContain('One Sentinel watches this primary');
    expect(stdout).not.toContain(PASSWORD);

    setup.primary.process.kill('SIGKILL');
    await put(server, 'c', '2');
    expect(await setup.cli(setup.replica, 'GET', 'mutt:config:c')).toBe('2');
    await until('the instance has followed', () => config.get('c', null) === '2', 20_000);
    expect(await muttctl(['config', 'get', 'c', '--url', url])).toMatchObject({ exitCode: 0, stdout: '2\n' });
  });

  it('needs no time for a Sentinel that is frozen, and says at once that a password is refused', async () => {
    const setup = await startSentinel(PASSWORD, { sentinels: 2 });
    cleanUps.push(() => setup.stop());
    cleanUps.push(() => setup.sentinels[0]?.kill('SIGCONT'));
    setup.sentinels[0]?.kill('SIGSTOP');
    const hosts = setup.ports.map((port) => `127.0.0.1:${port}`).join(',');
    const url = (password: string): string => `redis-sentinel://:${encodeURIComponent(password)}@${hosts}/mymaster`;
    expect(await muttctl(['config', 'set', 'a', '1', '--url', url(PASSWORD)])).toMatchObject({ exitCode: 0 });
    await expect(
      DynamicConfig.connect(url('another'), { startupTimeoutMs: 60_000, logger: { warn() {}, error() {} } }),
    ).rejects.toMatchObject({ code: 'store_refused', message: expect.stringContaining('password') as string });
  });

  it('lets the process end when it is closed while its primary is frozen', async () => {
    const { setup, url } = await start();
    setup.primary.process.kill('SIGSTOP');
    cleanUps.push(() => setup.primary.process.kill('SIGCONT'));
    setup.sentinels[0]?.kill('SIGSTOP');
    cleanUps.push(() => setup.sentinels[0]?.kill('SIGCONT'));
    expect(await muttctl(['config', 'get', 'a', '--url', url])).toMatchObject({ exitCode: 4 });
  });

  it('fails in time, and says why, where no Sentinel answers, or none knows the name', async () => {
    const { setup } = await start();
    const failure = (url: string): Promise<unknown> =>
      DynamicConfig.connect(url, { startupTimeoutMs: 3_000, logger: { warn() {}, error() {} } }).catch(
        (error: unknown) => error,
      );
    const [nobody, stranger] = await Promise.all([
      failure('redis-sentinel://127.0.0.1:1/mymaster'),
      failure(`redis-sentinel://127.0.0.1:${setup.port}/another`),
    ]);
    expect(nobody).toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    expect(stranger).toMatchObject({
      code: 'store_refused',
      cause: { message: expect.stringContaining('No such master') as string },
    });
  });
});

describe('a URL of a Cluster', () => {
  it('leads the library, the server and muttctl to the node that has the keys, and to the next one', async () => {
    const cluster = await startCluster();
    cleanUps.push(() => cluster.stop());
    const url = `redis-cluster://127.0.0.1:1,127.0.0.1:${cluster.nodes[0]?.port}`;
    const env = { MUTT_CONFIG_PREFIX: CLUSTER_PREFIX };
    const server = await startServer(url, env);
    expect(await muttctl(['config', 'set', 'a', '1', '--url', url], { env })).toMatchObject({ exitCode: 0 });
    await put(server, 'b', '1');
    const config = await DynamicConfig.connect(url, { prefix: CLUSTER_PREFIX, logger: { warn() {}, error() {} } });
    cleanUps.push(() => config.close());
    expect(config.getAll()).toEqual({ a: '1', b: '1' });
    await cluster.moveSlotOf(`${CLUSTER_PREFIX}:a`);
    await put(server, 'c', '2');
    await until('the instance has followed', () => config.get('c', null) === '2', 20_000);
    expect(await muttctl(['config', 'get', 'c', '--url', url], { env })).toMatchObject({ exitCode: 0, stdout: '2\n' });
    expect((await muttctl(['doctor', '--url', url], { env })).stdout).toContain('node of a Redis Cluster');
  });

  it('needs none of the masters that have other keys', async () => {
    // By default none of them answers, once one is gone.
    const cluster = await startCluster({ redisArgs: ['--cluster-require-full-coverage', 'no'] });
    cleanUps.push(() => cluster.stop());
    const owner = await cluster.ownerOf(`${CLUSTER_PREFIX}:a`);
    const [other, third] = cluster.nodes.filter((node) => node !== owner);
    other?.process.kill('SIGSTOP');
    cleanUps.push(() => other?.process.kill('SIGCONT'));
    // Which of the nodes it begins with is up to chance.
    for (let n = 0; n < 3; n++) {
      const url = `redis-cluster://127.0.0.1:${other?.port},127.0.0.1:${third?.port}`;
      const options = { prefix: CLUSTER_PREFIX, logger: { warn() {}, error() {} } };
      const config = await DynamicConfig.connect(url, options);
      await config.close();
    }
  });

  it('is refused with a prefix without a hash tag', async () => {
    await expect(DynamicConfig.connect('redis-cluster://127.0.0.1:1')).rejects.toMatchObject({
      code: 'option_invalid',
      message: expect.stringContaining('hash tag') as string,
    });
  });
});
