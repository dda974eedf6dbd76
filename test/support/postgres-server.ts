import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { postgresCommand } from '../../scripts/postgres-command.mjs';
import { freePort } from './free-port.ts';
import { madeOnce } from './made-once.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root: then as nobody. */
const USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A real PostgreSQL of a test's own, on a free loopback port, with one empty database. */
export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  /** Its first process; the others end with it. */
  readonly process: ChildProcess;
  /** The rows of a query, on a connection of its own. */
  query<R extends object>(sql: string, values?: unknown[]): Promise<R[]>;
  /** A new, empty database. Returns its URL. */
  createDatabase(): Promise<string>;
  /** Freezes all its processes (SIGSTOP); connections stay open. The returned function lets them go on. */
  freeze(): () => void;
  /** Kills it (-9). */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port and folder. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mutt-postgres-'));
  await giveAway(folder);
  const data = join(folder, 'data');
  await run('cp', ['-R', join(await madeOnce('postgres', initialize), 'data'), data], { ...USER, cwd: folder });
  const port = await freePort();
  let child = await launch(data, port);
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  let databases = 0;
  const url = (database: string): string => `postgres://mutt@127.0.0.1:${port}/${database}`;
  const query = async <R extends object>(sql: string, values: unknown[] = []): Promise<R[]> => {
    const client = new pg.Client({ connectionString: url('postgres'), connectionTimeoutMillis: 10_000 });
    await client.connect();
    try {
      return (await client.query<R>(sql, values)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    url: url('postgres'),
    port,
    get process() {
      return child;
    },
    query,
    async createDatabase() {
      const name = `test_${(databases += 1)}`;
      await query(`create database ${name}`);
      return url(name);
    },
    freeze() {
      const all = [child.pid ?? 0, ...childrenOf(child.pid ?? 0)];
      for (const pid of all) process.kill(pid, 'SIGSTOP');
      return () => {
        for (const pid of all.toReversed()) process.kill(pid, 'SIGCONT');
      };
    },
    kill: () => end(child),
    async start() {
      // What is left of the one before holds on to the folder for a moment.
      await until('PostgreSQL starts again', async () => {
        child = await launch(data, port);
        return true;
      });
    },
    async stop() {
      process.off('exit', killAtExit);
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the files of a new server, in `data`: that takes longer than all else of a start. */
async function initialize(folder: string): Promise<void> {
  await giveAway(folder);
  // Its processes survive kill -9 of one another; what the disk does is not what is tested.
  const args = ['-U', 'mutt', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--no-locale', '--wal-segsize=1'];
  await run(command('initdb'), ['-D', join(folder, 'data'), ...args], { ...USER, cwd: folder });
}

async function giveAway(folder: string): Promise<void> {
  if (USER.uid !== undefined) await chown(folder, USER.uid, USER.gid);
  await chmod(folder, 0o700);
}

async function launch(data: string, port: number): Promise<ChildProcess> {
  const settings = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', fsync: 'off' };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(command('postgres'), ['-D', data, ...args], {
    ...USER,
    cwd: data,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until('PostgreSQL accepts connections', async () => {
    if (child.exitCode !== null) throw new Error(`postgres ended: ${output}`);
    return accepts(port);
  });
  return child;
}

/** One for each connection, and some for itself. */
function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}

async function accepts(port: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'mutt', database: 'postgres' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function command(name: string): string {
  const path = postgresCommand(name);
  if (path === null) throw new Error(`The tests need PostgreSQL's ${name}: \`npm test\` installs it where it can.`);
  return path;
}
