import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createClient, createClientPool, createCluster, createSentinel } from '@redis/client';
import type { RedisClientType } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamicConfig } from '@mutt/dynamic-config';
import type { ConnectOptions, ConnectTarget, NodeRedisClient } from '@mutt/dynamic-config';
import { RedisStore } from '@mutt/dynamic-config/redis';
import { until } from '@mutt/dynamic-config/testing';
import { blocksOf } from '../docs/blocks.ts';
import { startChild } from '../support/child.ts';
import { startCluster } from '../support/redis-cluster.ts';
import type { RedisCluster } from '../support/redis-cluster.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startSentinel } from '../support/redis-sentinel.ts';
import type { SentinelSetup } from '../support/redis-sentinel.ts';

const bash = promisify(execFile);
const quiet = { warn: () => {}, error: () => {} };
let cleanUps: (() => unknown)[];
beforeEach(() => {
  cleanUps = [];
});
afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

async function connect(target: ConnectTarget, options: ConnectOptions = {}): Promise<DynamicConfig> {
  const config = await DynamicConfig.connect(target, { cacheTtl: 0.5, logger: quiet, ...options });
  cleanUps.push(() => config.close());
  return config;
}

/** The values of a key that its callback is told. */
function toldOf(config: DynamicConfig, key: string): (string | undefined)[] {
  const told: (string | undefined)[] = [];
  config.registerCallback(key, (_, value) => void told.push(value));
  return told;
}

const isLive = (config: DynamicConfig): Promise<unknown> =>
  until('it is live', () => config.status().state === 'live', 20_000);

const CLIENTS = 'docs/existing-clients.md';
const NODES = 'docs/sentinel-and-cluster.md';

/** Runs a snippet of a page about this as a reader would save it, with other addresses. */
async function runSnippet(section: string, addresses: Record<string, string>, page = CLIENTS): Promise<string[]> {
  const root = new URL('../../', import.meta.url);
  const text = await readFile(new URL(page, root), 'utf8');
  let [, code = ''] =
    /```ts\n(.*?)^```$/ms.exec(text.split(/^#+ /m).find((part) => part.startsWith(section)) ?? '') ?? [];
  for (const [shown, real] of Object.entries({ "'redis'": "'@redis/client'", ...addresses })) {
    if (!code.includes(shown)) throw new Error(`The snippet has no ${shown}`);
    code = code.replaceAll(shown, real);
  }
  // Modules must lie inside the repository to find the packages.
  const scratch = new URL('test/docs/.scratch-clients/', root);
  await mkdir(scratch, { recursive: true });
  cleanUps.push(() => rm(scratch, { recursive: true, force: true }));
  const file = new URL(`${section.trim()}.mjs`, scratch);
  await writeFile(file, code);
  const child = await startChild(file, []);
  cleanUps.push(() => child.end('SIGKILL'));
  expect(await child.exited).toBe(0);
  return child.lines;
}

describe('a client of createClient', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
    await redis.cli('ACL', 'SETUSER', 'someone', 'on', '>s3cret', '~*', '&*', '+@all');
  });
  afterAll(() => redis.stop());
  afterEach(() => redis.cli('FLUSHALL'));

  it('lends its address, credentials and database, whatever it is set to do for itself', async () => {
    const client = createClient({
      url: `redis://someone:s3cret@127.0.0.1:${redis.port}/3`,
      keyPrefix: 'app:',
      emitInvalidate: true,
      readonly: true,
      pingInterval: 60_000,
      commandsQueueMaxLength: 1,
      socket: { socketTimeout: 300 },
    });
    const config = await connect(client, { cacheTtl: 3600 });
    expect(config.status().location).toBe(`redis://127.0.0.1:${redis.port}/3`);
    expect(await redis.cli('CLIENT', 'LIST')).toMatch(/name=mutt-dynamic-config\S* .*db=3 .*user=someone .*resp=3/);
    await config.set('a', '1');
    expect(await redis.cli('-n', '3', 'GET', 'mutt:config:a')).toBe('1');
    const told = toldOf(config, 'a');
    // With the socket timeout of the client it would be cut before.
    await until('nothing was said for two seconds', async () =>
      /name=mutt-dynamic-config\S* .*idle=[2-9]/.test(await redis.cli('CLIENT', 'LIST')),
    );
    expect(config.status()).toMatchObject({ state: 'live', lastError: null });
    await redis.cli('-n', '3', 'SET', 'mutt:config:a', '2');
    await until('the callback', () => told.at(-1) === '2');
  });

  it('lends its credentials provider', async () => {
    const credentials = async () => ({ username: 'someone', password: 's3cret' });
    await connect(
      createClient({ url: redis.url, credentialsProvider: { type: 'async-credentials-provider', credentials } }),
    );
    expect(await redis.cli('CLIENT', 'LIST')).toMatch(/name=mutt-dynamic-config\S* .*user=someone /);
  });

  it('stays as it was: open, not subscribed, with the listeners that it had', async () => {
    const client = createClient({ url: redis.url, RESP: 2 });
    client.on('error', () => {});
    await client.connect();
    cleanUps.push(() => client.close());
    const listeners = (): unknown[] => client.eventNames().map((name) => [name, client.listenerCount(name)]);
    const options = (): unknown[] => [Object.keys(client.options), Object.keys(client.options.socket ?? {})];
    const before = [listeners(), options()];
    const config = await connect(client);
    await config.set('a', '1');
    expect([listeners(), options()]).toEqual(before);
    expect(client.isPubSubActive).toBe(false);
    await config.close();
    expect([listeners(), options()]).toEqual(before);
    expect(await client.get('mutt:config:a')).toBe('1');
    await until('our connections are closed', async () => !(await redis.cli('CLIENT', 'LIST')).includes('name=mutt'));
  });

  it('need not be connected, and the page about it says how', async () => {
    expect(await runSnippet('Use', { 'redis://localhost:6379': redis.url })).toEqual(['200']);
  });
});

describe('connect', () => {
  it.each([
    ['nothing', undefined, 'undefined'],
    ['a number', 6379, '6379'],
    ['an object', {}, 'an object of Object'],
    ['a URL object', new URL('redis://localhost'), 'an object of URL'],
    ['a pool', createClientPool(), 'an object of'],
    ['half a store', { load() {}, commit() {}, close() {} }, 'an object of Object'],
    ['a client of another library', { options: {}, status: 'ready', duplicate() {}, sendCommand() {} }, 'an object of'],
  ])('refuses %s, and says what it takes', async (_, target, called) => {
    await expect(connect(target as never)).rejects.toMatchObject({
      code: 'option_invalid',
      message: expect.stringMatching(
        `redis://.*createClient.*createSentinel.*createCluster.*ConfigStore, not ${called}`,
      ),
    });
  });
});

describe('a client of createSentinel', () => {
  let setup: SentinelSetup;
  beforeEach(async () => {
    setup = await startSentinel('s3cret');
    cleanUps.push(() => setup.stop());
  });

  const options = () => ({
    name: 'mymaster',
    sentinelRootNodes: [{ host: '127.0.0.1', port: setup.port }],
    nodeClientOptions: { password: 's3cret' },
  });
  const cli = (server: RedisServer, ...args: string[]): Promise<string> =>
    server.cli('-a', 's3cret', '--no-auth-warning', ...args);

  it('leads the instance to the new primary when the old one is killed', async () => {
    const sentinel = createSentinel(options());
    sentinel.on('error', () => {});
    await sentinel.connect();
    cleanUps.push(() => sentinel.destroy());
    const config = await connect(sentinel);
    expect(config.status().location).toBe(`redis-sentinel://127.0.0.1:${setup.port}`);
    await config.set('a', '1');
    await until('the replica has it', async () => (await cli(setup.replica, 'GET', 'mutt:config:a')) === '1');
    const told = toldOf(config, 'a');

    setup.primary.process.kill('SIGKILL');
    await until('it noticed', () => !config.watcherRunning);
    expect(config.get('a')).toBe('1');
    await until('the replica is promoted', async () => (await cli(setup.replica, 'ROLE')).startsWith('master'), 20_000);
    await isLive(config);
    await cli(setup.replica, 'SET', 'mutt:config:a', '2');
    await until('the write past us', () => told.at(-1) === '2');
    await config.set('a', '3');
    await until('our own', () => told.at(-1) === '3');
    expect(await cli(setup.replica, 'GET', 'mutt:config:a')).toBe('3');
    await config.close();
    expect([sentinel.isOpen, await sentinel.get('mutt:config:a')]).toEqual([true, '3']);
  });

  it('is said to be missing while it is not connected', async () => {
    await expect(connect(createSentinel(options()), { startupTimeoutMs: 200 })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('call its connect()') as string,
    });
  });

  it('is refused with a database other than 0', async () => {
    const sentinel = createSentinel({ ...options(), nodeClientOptions: { password: 's3cret', database: 3 } });
    sentinel.on('error', () => {});
    await sentinel.connect();
    cleanUps.push(() => sentinel.destroy());
    await expect(connect(sentinel)).rejects.toMatchObject({ code: 'option_invalid' });
  });

  it('is used as the page about it says', async () => {
    const addresses = {
      "host: 'localhost', port: 26379": `host: '127.0.0.1', port: ${setup.port}`,
      "name: 'mymaster',": "name: 'mymaster', nodeClientOptions: { password: 's3cret' },",
    };
    expect(await runSnippet('Sentinel\n', addresses, NODES)).toEqual(['200']);
  });
});

describe('what a Sentinel client says', () => {
  let a: RedisServer;
  let b: RedisServer;
  let clients: RedisClientType[];
  beforeEach(async () => {
    [a, b] = [await startRedis('--repl-diskless-sync-delay', '0'), await startRedis()];
    clients = [a, b].map(({ url }) => createClient({ url }).on('error', () => {}));
    cleanUps.push(
      () => Promise.all([a.stop(), b.stop()]),
      () => clients.forEach((client) => client.destroy()),
    );
    for (const client of clients) await client.connect();
    await b.cli('REPLICAOF', '127.0.0.1', String(a.port));
    await until('b follows', async () => (await b.cli('INFO', 'replication')).includes('master_link_status:up'));
  });

  /** A Sentinel client that says at once what it is told to. */
  const sentinelOf = (primary: () => Promise<unknown>): NodeRedisClient => ({
    isOpen: true,
    acquire: async () => {},
    on: () => {},
    off: () => {},
    _execute: async (_, task) => task((await primary()) as never),
  });

  it('row 12: is followed when it goes over to another primary, though the old one does not know yet', async () => {
    await b.cli('REPLICAOF', 'NO', 'ONE');
    let primary = clients[0];
    const listeners = new Set<(change: { readonly type: string }) => void>();
    const sentinel = {
      ...sentinelOf(async () => primary),
      on: (_: string, listener: (change: { readonly type: string }) => void) => listeners.add(listener),
      off: (_: string, listener: (change: { readonly type: string }) => void) => listeners.delete(listener),
    } as NodeRedisClient;
    const config = await connect(sentinel, { cacheTtl: 3600 });
    await config.set('a', '1');
    expect(listeners.size).toBe(1);
    primary = clients[1];
    for (const tell of listeners) tell({ type: 'MASTER_CHANGE' });
    const listens = async (node: RedisServer): Promise<boolean> =>
      (await node.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).includes('mutt');
    await until('it listens to the new one', () => listens(b));
    expect(await listens(a)).toBe(false);
    await config.set('a', '2');
    expect([await a.cli('GET', 'mutt:config:a'), await b.cli('GET', 'mutt:config:a')]).toEqual(['1', '2']);
    await config.close();
    expect(listeners.size).toBe(0);
  });

  it('counts at the first refusal of a demoted primary: the commit is carried out by the new one', async () => {
    let primary = clients[0];
    const config = await connect(sentinelOf(async () => primary));
    await config.set('a', '1');
    await until('b has it', async () => (await b.cli('GET', 'mutt:config:a')) === '1');
    await b.cli('REPLICAOF', 'NO', 'ONE');
    await a.cli('REPLICAOF', '127.0.0.1', String(b.port));
    primary = clients[1];
    await config.set('a', '2');
    expect([await b.cli('GET', 'mutt:config:a'), config.get('a')]).toEqual(['2', '2']);
  });

  it('is not believed of a replica', async () => {
    const store = RedisStore.over(sentinelOf(async () => clients[1]));
    await expect(store.head()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('is a replica') as string,
    });
  });

  it('is waited for up to the time limit', async () => {
    const store = RedisStore.over(
      sentinelOf(() => new Promise(() => {})),
      { timeoutMs: 50 },
    );
    await expect(store.head()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('within 50 ms') as string,
    });
  });
});

describe('a client of createCluster', () => {
  const prefix = '{mutt}:config';
  let redis: RedisCluster;
  beforeAll(async () => {
    redis = await startCluster();
  });
  afterAll(() => redis.stop());

  async function openCluster() {
    const cluster = createCluster({ rootNodes: [{ url: redis.nodes[0]?.url ?? '' }] });
    cluster.on('error', () => {});
    await cluster.connect();
    cleanUps.push(() => cluster.close());
    return cluster;
  }

  it('leads the instance to the node that has the keys', async () => {
    const cluster = await openCluster();
    const [config, other] = [await connect(cluster, { prefix }), await connect(cluster, { prefix })];
    expect(config.status().location).toBe(`redis-cluster://127.0.0.1:${redis.nodes[0]?.port}`);
    const told = toldOf(other, 'a');
    await config.commit([
      { key: 'a', value: '1' },
      { key: 'b', value: '1' },
    ]);
    await until('the commit', () => told.at(-1) === '1');
    expect(other.getAll()).toEqual({ a: '1', b: '1' });
    await redis.cli('SET', `${prefix}:a`, '2');
    await until('the write past us', () => told.at(-1) === '2');
    await config.close();
    await other.close();
    expect([cluster.isOpen, await cluster.get(`${prefix}:a`)]).toEqual([true, '2']);
  });

  it('leads it to another node when the slot is moved', async () => {
    const [own, others] = [await openCluster(), await openCluster()];
    const [config, other] = [await connect(own, { prefix }), await connect(others, { prefix, cacheTtl: 3600 })];
    await config.set('moved', '1');
    await until('all know', () => other.get('moved', null) === '1');
    const told = toldOf(other, 'moved');
    const before = await redis.ownerOf(`${prefix}:moved`);
    await redis.moveSlotOf(`${prefix}:moved`);
    expect(await redis.ownerOf(`${prefix}:moved`)).not.toBe(before);
    await config.set('moved', '2');
    await until('the commit', () => told.at(-1) === '2');
    await Promise.all([isLive(config), isLive(other)]);
    await redis.cli('SET', `${prefix}:moved`, '3');
    await until('the write past us', () => told.at(-1) === '3' && config.get('moved') === '3');
    expect(told).not.toContain(undefined);
  });

  it('may be one with no more rights than the page about them says', async () => {
    const [, writing = ''] = await blocksOf('docs/security.md', 'sh', 'Least privilege on Redis');
    const rights = writing.trim().replaceAll('mutt:config', prefix);
    for (const { port } of redis.nodes) {
      const recipe = `${rights} '+cluster|slots' '+cluster|keyslot'`.replace('redis-cli', `redis-cli -p ${port}`);
      expect((await bash('bash', ['-c', recipe])).stdout.trim()).toBe('OK');
    }
    const cluster = createCluster({
      rootNodes: [{ url: redis.nodes[0]?.url ?? '' }],
      defaults: { username: 'writing', password: 'writing-password' },
    });
    cluster.on('error', () => {});
    await cluster.connect();
    cleanUps.push(() => cluster.close());
    const config = await connect(cluster, { prefix });
    const told = toldOf(config, 'least');
    await config.set('least', '1');
    await redis.cli('SET', `${prefix}:least`, '2');
    await until('the write past us', () => told.at(-1) === '2');
    for (const node of redis.nodes) expect(await node.cli('ACL', 'LOG')).toBe('');
  });

  it.each(['mutt:config', '{}mutt:config', '{mutt:config', 'a{}{mutt}'])(
    'is refused with the prefix %s',
    async (bad) => {
      await expect(connect(await openCluster(), { prefix: bad })).rejects.toMatchObject({
        code: 'option_invalid',
        message: expect.stringContaining('hash tag') as string,
      });
    },
  );

  it('is used as the page about it says', async () => {
    expect(await runSnippet('Cluster\n', { 'redis://localhost:7000': redis.nodes[0]?.url ?? '' }, NODES)).toEqual([
      '200',
    ]);
  });
});

describe('the URL of one node', () => {
  it('gives the error that it always gave, on a replica', async () => {
    const primary = await startRedis();
    const replica = await startRedis('--replicaof', '127.0.0.1', String(primary.port));
    cleanUps.push(
      () => primary.stop(),
      () => replica.stop(),
    );
    const config = await connect(replica.url);
    await expect(config.set('a', '1')).rejects.toMatchObject({
      code: 'store_refused',
      message: expect.stringContaining('connect to the primary') as string,
    });
  });
});
