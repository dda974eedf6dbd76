import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { freePort } from './free-port.ts';
import { redisCli, startRedis } from './redis-server.ts';
import type { RedisServer } from './redis-server.ts';

/** A primary, a replica of it, and a Sentinel that watches them under the name `mymaster`. */
export interface SentinelSetup {
  readonly port: number;
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  stop(): Promise<void>;
}

/** Resolves when the Sentinel could promote the replica. */
export async function startSentinel(password: string): Promise<SentinelSetup> {
  const auth = ['--requirepass', password, '--masterauth', password];
  const primary = await startRedis(...auth, '--repl-diskless-sync-delay', '0');
  const replica = await startRedis(...auth, '--replicaof', '127.0.0.1', String(primary.port));
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'mutt-sentinel-'));
  const file = join(dir, 'sentinel.conf');
  await until('the replica follows', async () =>
    (await replica.cli('-a', password, '--no-auth-warning', 'INFO', 'replication')).includes('master_link_status:up'),
  );
  await writeFile(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `sentinel monitor mymaster 127.0.0.1 ${primary.port} 1`,
      `sentinel auth-pass mymaster ${password}`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 3000',
    ].join('\n'),
  );
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  // Only what it has heard from can be promoted.
  await until('the Sentinel knows the replica', async () =>
    /\nflags\nslave\n[^]*\nmaster-link-status\nok\n/.test(await redisCli(port, 'SENTINEL', 'REPLICAS', 'mymaster')),
  );
  return {
    port,
    primary,
    replica,
    async stop() {
      process.off('exit', killAtExit);
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await Promise.all([primary.stop(), replica.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
