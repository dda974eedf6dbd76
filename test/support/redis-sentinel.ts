import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { freePort } from './free-port.ts';
import { redisCli, startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';

/** A primary, replicas of it, and Sentinels that watch them under the name `mymaster`. */
export interface SentinelSetup {
  /** Of the first Sentinel. */
  readonly port: number;
  readonly ports: readonly number[];
  /** The processes of the Sentinels. */
  readonly sentinels: readonly ChildProcess[];
  /** What was the primary at the start. */
  readonly primary: RedisServer;
  /** What was the first replica at the start. */
  readonly replica: RedisServer;
  readonly nodes: readonly RedisServer[];
  /** What a node prints, signed in. */
  cli(node: RedisServer, ...args: string[]): Promise<string>;
  /** The primary by the word of the first Sentinel. */
  primaryNow(): Promise<RedisServer>;
  /** Resolves when the Sentinels could promote each of the other nodes. */
  isComplete(): Promise<void>;
  stop(): Promise<void>;
}

export interface SentinelOptions {
  readonly sentinels?: number;
  readonly replicas?: number;
  /** For each of the nodes. */
  readonly redisArgs?: readonly string[];
}

/** Resolves when the Sentinels could promote any of the replicas. */
export async function startSentinel(
  password: string,
  { sentinels = 1, replicas = 1, redisArgs = [] }: SentinelOptions = {},
): Promise<SentinelSetup> {
  const args = ['--requirepass', password, '--masterauth', password, '--repl-diskless-sync-delay', '0', ...redisArgs];
  const primary = await startRedis(...args);
  const following = Array.from({ length: replicas }, () =>
    startRedis(...args, '--replicaof', '127.0.0.1', String(primary.port)),
  );
  const nodes = [primary, ...(await Promise.all(following))];
  const cli = (node: RedisServer, ...command: string[]): Promise<string> =>
    node.cli('-a', password, '--no-auth-warning', ...command);
  for (const node of nodes.slice(1)) {
    await until('the replica follows', async () =>
      (await cli(node, 'INFO', 'replication')).includes('master_link_status:up'),
    );
  }
  const quorum = Math.floor(sentinels / 2) + 1;
  const watchers: Watcher[] = [];
  for (let n = 0; n < sentinels; n++) watchers.push(await startWatcher(primary.port, password, quorum));
  const ports = watchers.map(({ port }) => port);
  const setup: SentinelSetup = {
    port: ports[0] ?? 0,
    ports,
    sentinels: watchers.map(({ process }) => process),
    primary,
    replica: nodes[1] ?? primary,
    nodes,
    cli,
    async primaryNow() {
      const [, port] = (await redisCli(setup.port, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')).split('\n');
      const found = nodes.find((node) => node.port === Number(port));
      if (found === undefined) throw new Error(`No node has the port ${port}`);
      return found;
    },
    async isComplete() {
      for (const port of ports) {
        // Only what a Sentinel has heard from can be promoted, and only one that knows the others can be elected.
        await until(
          'the Sentinels know the replicas and one another',
          async () => {
            const known = await redisCli(port, 'SENTINEL', 'REPLICAS', 'mymaster');
            const others = await redisCli(port, 'SENTINEL', 'SENTINELS', 'mymaster');
            return (
              count(known, /\nflags\nslave\n[^]*?\nmaster-link-status\nok\n/g) === nodes.length - 1 &&
              count(others, /\nflags\nsentinel\n/g) === sentinels - 1
            );
          },
          30_000,
        );
      }
    },
    async stop() {
      await Promise.all(watchers.map((watcher) => watcher.stop()));
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
  await setup.isComplete();
  return setup;
}

interface Watcher {
  readonly port: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

async function startWatcher(primaryPort: number, password: string, quorum: number): Promise<Watcher> {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'mutt-sentinel-'));
  const file = join(dir, 'sentinel.conf');
  await writeFile(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `sentinel monitor mymaster 127.0.0.1 ${primaryPort} ${quorum}`,
      `sentinel auth-pass mymaster ${password}`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 3000',
    ].join('\n'),
  );
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  await until('the Sentinel answers', () =>
    redisCli(port, 'PING').then(
      (reply) => reply === 'PONG',
      () => false,
    ),
  );
  // By default it asks every ten seconds what a node is by now.
  await redisCli(port, 'SENTINEL', 'DEBUG', 'INFO-PERIOD', '500');
  return {
    port,
    process: child,
    async stop() {
      process.off('exit', killAtExit);
      await end(child);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
