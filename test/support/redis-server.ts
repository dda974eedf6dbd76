import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../packages/dynamic-config/src/testing/until.ts';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

/** A real redis-server of a test's own, on a free loopback port, empty, without persistence unless asked for. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** What `redis-cli` prints, without the last newline. */
  cli(...args: string[]): Promise<string>;
  /** Kills it (-9) and starts it again on the same port and folder. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(...args: string[]): Promise<RedisServer> {
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), 'mutt-redis-'));
  let child = await launch(port, dir, args);
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get process() {
      return child;
    },
    cli: (...command) => redisCli(port, ...command),
    async restart() {
      await end(child);
      child = await launch(port, dir, args);
    },
    async stop() {
      process.off('exit', killAtExit);
      await end(child);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What `redis-cli` prints, without the last newline. */
export async function redisCli(port: number, ...args: string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-p', String(port), ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.replace(/\n$/, '');
}

async function launch(port: number, dir: string, args: readonly string[]): Promise<ChildProcess> {
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', [...base, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until('redis-server accepts connections', () => {
    if (child.exitCode !== null) throw new Error(`redis-server ended: ${output}`);
    return accepts(port);
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
