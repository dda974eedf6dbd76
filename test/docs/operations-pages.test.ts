import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '@mutt/dynamic-config/testing';
import { startReceiver } from '../../packages/server/test/receiver.ts';
import { postgresCommand } from '../../scripts/postgres-command.mjs';
import { startChild } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { startPostgres } from '../support/postgres-server.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { startRedis } from '../support/redis-server.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { blocksOf } from './blocks.ts';

const bash = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
/** Modules must lie inside the repository to find the packages. */
const scratch = new URL('.scratch/operations/', import.meta.url);

let redis: RedisServer;
let cleanUps: (() => Promise<unknown>)[];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutt-pages-'));
  const first = await startRedis();
  redis = first;
  cleanUps = [() => first.stop(), () => rm(folder, { recursive: true, force: true })];
});
afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

const API_KEY = 'correct-horse-battery-staple';

/** On the test's Redis, unless `env` says otherwise. */
async function startServer(env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const own = { PORT: String(await freePort()), REDIS_URL: redis.url, MUTT_API_KEY: API_KEY };
  const server = await startServerProcess({ ...own, ...env });
  cleanUps.push(() => server.stop());
  return { ...server, apiKey: API_KEY };
}

async function postgres(): Promise<PostgresServer> {
  const server = await startPostgres();
  cleanUps.push(() => server.stop());
  return server;
}

const linesOf = (blocks: readonly string[]): string[] =>
  blocks.flatMap((block) => block.split('\n')).filter((line) => line !== '');

/** Runs a line of a page against this test's servers and folder; resolves with what it printed. */
async function runLine(
  line: string,
  server: Pick<ServerProcess, 'url' | 'apiKey'>,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const command = line
    .replaceAll('http://127.0.0.1:8090', server.url)
    .replaceAll('curl ', 'curl -sS ')
    .replaceAll('redis://localhost:6379', redis.url)
    .replaceAll('redis-cli ', `redis-cli -p ${redis.port} `)
    .replaceAll(/\/var\/(lib|backups)\//g, `${folder}/`.replace(/\/$/, '/$1-'))
    .replaceAll(/(?<![\w/])(\w+\.(csv|jsonl|json))\b/g, `${folder}/$1`);
  const paths = `${dirname(postgresCommand('postgres') ?? '')}:${process.env['PATH']}`;
  const own = { MUTT_API_KEY: server.apiKey, MUTT_CONFIG_URL: server.url, PATH: paths };
  const { stdout } = await bash('bash', ['-c', command], { cwd: root, env: { ...process.env, ...own, ...env } });
  return stdout.trim();
}

async function runLines(
  blocks: readonly string[],
  server: ServerProcess,
  env: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  const printed: string[] = [];
  for (const line of linesOf(blocks)) printed.push(await runLine(line, server, env));
  return printed;
}

async function call(
  server: Pick<ServerProcess, 'url' | 'apiKey'>,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/api/v1/${path}`, {
    headers: { 'x-api-key': server.apiKey, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'PUT', body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** What an answer has, whatever its values: as the page shows it. */
function shapeOf(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(shapeOf);
  if (typeof json !== 'object' || json === null) return json === null ? null : typeof json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, shapeOf(value)]));
}

const shapes = (texts: readonly (string | undefined)[]): unknown[] =>
  texts.map((text) => shapeOf(JSON.parse(text ?? '')));

const has = (command: string): boolean => spawnSync(command, ['-v']).error === undefined;

describe('docs/webhooks.md', { timeout: 300_000 }, () => {
  it('has a receiver that takes what the server sends, and commands that work', async () => {
    const page = 'docs/webhooks.md';
    const server = await startServer({ MUTT_WEBHOOK_ALLOW_PRIVATE: 'true' });
    const [make = '', ...others] = linesOf(await blocksOf(page, 'sh'));
    const [shownWebhook, shownDelivery] = await blocksOf(page, 'json');
    const port = String(await freePort());
    const made = await runLine(make.replace('127.0.0.1:9000', `127.0.0.1:${port}`), server);
    expect(shapes([made])).toEqual(shapes([shownWebhook]));
    const { id, secret } = JSON.parse(made) as { id: string; secret: string };

    await mkdir(scratch, { recursive: true });
    const file = new URL('receiver.mjs', scratch);
    await writeFile(file, (await blocksOf(page, 'js')).join('\n'));
    const receiver = await startChild(file, [], { PORT: port, WEBHOOK_SECRET: secret });
    cleanUps.push(() => receiver.end('SIGKILL'));
    const other = await startReceiver();
    cleanUps.push(() => other.close());
    const headers = { 'x-api-key': server.apiKey, 'content-type': 'application/json' };
    const body = JSON.stringify({ url: other.url });
    await fetch(`${server.url}/api/v1/webhooks`, { method: 'POST', headers, body });

    await call(server, 'config/moog_rate_limit', { value: '200', reason: 'incident 4711' });
    await until('it is told', () => receiver.lines.includes('config.changed: moog_rate_limit is 200'));
    await until('another one is told', () => other.received.length > 0);
    expect(shapes([other.received[0]?.body])).toEqual(shapes([shownDelivery]));
    const forged = { method: 'POST', body: '{}', headers: { 'x-mutt-timestamp': String(Date.now() / 1_000) } };
    expect((await fetch(`http://127.0.0.1:${port}/hook`, forged)).status).toBe(401);

    const answers: unknown[] = [];
    for (const line of others) answers.push(JSON.parse(await runLine(line, server, { WEBHOOK_ID: id })));
    expect(answers).toMatchObject([
      { type: 'ping', status: 'delivered', response_status: 204 },
      { count: 2 },
      { deliveries: [{ type: 'ping' }, { type: 'config.changed', status: 'delivered' }] },
      { state: 'enabled' },
      { state: 'enabled', backlog: 0 },
      { state: 'disabled' },
      { message: `Webhook deleted: ${id}` },
    ]);
    await rm(scratch, { recursive: true, force: true });
  });
});

describe('docs/audit.md', { timeout: 300_000 }, () => {
  it('has commands that work, with answers as shown', async () => {
    const server = await startServer();
    const all = linesOf(await blocksOf('docs/audit.md', 'sh'));
    const lines = all.filter((line) => !line.startsWith('npx muttctl'));
    const outOfBand = lines.findIndex((line) => line.includes('source=out-of-band'));
    const answers: string[] = [];
    for (const line of lines.slice(0, outOfBand)) answers.push(await runLine(line, server));
    const [, , byKey, byText, , , verified, , proven] = answers.map((text) =>
      text.startsWith('{') ? (JSON.parse(text) as object) : text,
    );
    expect(byKey).toMatchObject({ records: [{ id: 2, old_values: { value: '100' }, correlation_id: 'ticket-7' }] });
    expect(byText).toMatchObject({ records: [{ reason: 'incident 4711' }] });
    expect(await readFile(join(folder, 'audit.csv'), 'utf8')).toContain('"incident 4711"');
    expect((await readFile(join(folder, 'audit.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
    expect([shapeOf(verified)]).toEqual(shapes(await blocksOf('docs/audit.md', 'json')));
    expect(proven).toMatchObject({ ok: true, problem: null });
    await until('it is found', async () => (await runLine(lines[outOfBand] ?? '', server)).includes('"value":"300"'));
    const [gaps, groups, head, destroyed] = await runLines(lines.slice(outOfBand + 1), server);
    expect(JSON.parse(gaps ?? '')).toEqual({ records: [], next_cursor: null });
    const { trail_id: trailId } = JSON.parse(head ?? '') as { trail_id: string };
    await until('the trail has its place', async () =>
      (await runLine('redis-cli XINFO GROUPS mutt:config@log', server)).includes(`audit:${trailId}`),
    );
    expect(groups).toBeDefined();
    expect(destroyed).toBe('0');
    const [, columns = ''] =
      /has the columns (.*?)\. `record_id`/s.exec(await readFile(join(root, 'docs/audit.md'), 'utf8')) ?? [];
    const { records } = byKey as { records: [object] };
    expect([...columns.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(Object.keys(records[0]));
    const told: string[] = [];
    for (const line of all.filter((one) => !lines.includes(one))) {
      // Without npx, which takes longer than the command.
      told.push(await runLine(line.replace('npx muttctl', 'node packages/muttctl/bin/muttctl.js'), server));
    }
    const [table, full, , verdict, , against] = told;
    expect(table).toMatch(/^ *ID +CHANGED.*\n.* 200 → 300\n.*100 → 200 +incident 4711\n/);
    expect(full).toContain('    incident 4711\n\n    100 → 200');
    expect(await readFile(join(folder, 'moog.csv'), 'utf8')).toContain('"incident 4711"');
    expect(verdict).toContain('✓ The audit trail is intact.\n  Checked: 3 records');
    expect(against).toContain('Against: record 3');
  });
});

describe('docs/backup-and-restore.md', { timeout: 300_000 }, () => {
  const page = 'docs/backup-and-restore.md';
  const section = (name: string): Promise<string[]> => blocksOf(page, 'sh', name);

  it('has a copy of the data folder that a server starts from', async () => {
    const env = { REDIS_URL: '', MUTT_DATA_DIR: join(folder, 'lib-mutt') };
    const first = await startServer(env);
    await call(first, 'config/a', { value: '1' });
    await first.kill('SIGTERM');
    await runLines(await section('The data folder'), first);
    await rm(env.MUTT_DATA_DIR, { recursive: true });
    await cp(join(folder, 'backups-mutt'), env.MUTT_DATA_DIR, { recursive: true });
    const second = await startServer(env);
    expect(await call(second, 'config/a')).toMatchObject({ value: '1' });
  });

  it('has an RDB file that a Redis with an AOF starts from, and tells what changed since', async () => {
    const server = await startServer();
    await call(server, 'config/a', { value: '1' });
    const [dump = '', since = ''] = linesOf(await section('Redis'));
    await runLine(dump, server);
    await call(server, 'config/a', { value: '2' });
    const restored = await startRedis('--dir', folder, '--dbfilename', 'backups-mutt.rdb');
    cleanUps.push(() => restored.stop());
    await restored.cli('CONFIG', 'SET', 'appendonly', 'yes');
    expect(await restored.cli('GET', 'mutt:config:a')).toBe('1');
    expect(JSON.parse(await runLine(since, server))).toMatchObject({ records: [{ id: 2 }, { id: 1 }] });
  });

  it('has a dump of PostgreSQL from which the trail goes on', async () => {
    const database = await postgres();
    const env = { DATABASE_URL: database.url };
    const server = await startServer(env);
    await call(server, 'config/a', { value: '1' });
    await call(server, 'audit');
    const [dump = '', restore = ''] = linesOf(await section('PostgreSQL'));
    await runLine(dump, server, env);
    await call(server, 'config/a', { value: '2' });
    expect(await call(server, 'audit')).toMatchObject({ records: [{ id: 2 }, { id: 1 }] });
    await server.kill('SIGTERM');
    await runLine(restore, server, env);
    expect(await database.query('select id from config_audit_log')).toEqual([{ id: '1' }]);
    const again = await startServer(env);
    expect(await call(again, 'audit')).toMatchObject({ records: [{ id: 2, new_values: { value: '2' } }, { id: 1 }] });
    expect(await call(again, 'audit/verify')).toMatchObject({ ok: true, gaps: 0 });
  });

  it('has commands that put back what an emptied Redis lost', async () => {
    const server = await startServer();
    await call(server, 'config/a', { value: '1' });
    await call(server, 'audit');
    const [restore = '', fromTrail = '', acceptLoss = ''] = linesOf(await section('When Redis was emptied'));
    const alarmed = async (): Promise<boolean> =>
      (await (await fetch(`${server.url}/readyz`)).text()).includes('store_emptied');
    await redis.cli('FLUSHALL');
    await until('the alarm is raised', alarmed);
    expect(await runLine(restore, server)).toContain('Restored: 1 key');
    expect(await redis.cli('GET', 'mutt:config:a')).toBe('1');
    expect(await runLine(fromTrail, server)).toContain('Nothing is lost');
    await redis.cli('FLUSHALL');
    await until('the alarm is raised again', alarmed);
    expect(await runLine(acceptLoss, server)).toContain('Given up: 1 key');
    const [, verified] = await runLines(await section('Try it before you need it'), server);
    expect(JSON.parse(verified ?? '')).toMatchObject({ ok: true });
  });
});

describe('docs/production.md', { timeout: 300_000 }, () => {
  const page = 'docs/production.md';

  /** As the page says that it must be set. */
  async function startDurable(): Promise<RedisServer> {
    const settings = linesOf(await blocksOf(page, 'conf')).flatMap((line) => `--${line}`.split(' '));
    const durable = await startRedis(...settings);
    cleanUps.push(() => durable.stop());
    return durable;
  }

  it('has settings of Redis with which nothing is wrong', async () => {
    redis = await startDurable();
    const server = await startServer();
    const [doctor = ''] = linesOf(await blocksOf(page, 'sh', 'Redis'));
    const found = await runLine(doctor, server);
    expect(found).toContain('✓ persistence');
    expect(found).not.toMatch(/^✗/m);
  });

  it('has settings with which a Redis that is killed keeps what it had', async () => {
    const durable = await startDurable();
    await durable.cli('SET', 'mutt:config:a', '1');
    await until('it is on the disk', async () =>
      (await durable.cli('INFO', 'persistence')).includes('aof_pending_bio_fsync:0'),
    );
    await durable.restart();
    expect(await durable.cli('GET', 'mutt:config:a')).toBe('1');
  });

  it('has servers that share everything, behind a balancer that holds no event back', async () => {
    const database = await postgres();
    const [words = ''] = linesOf(await blocksOf(page, 'sh', 'Servers'));
    const named = words
      .split(' ')
      .filter((word) => word.includes('='))
      .map((word) => word.split('=', 1)[0] ?? '');
    const own: NodeJS.ProcessEnv = { REDIS_URL: redis.url, DATABASE_URL: database.url, HOST: '127.0.0.1' };
    expect(named.filter((name) => name !== 'PORT')).toEqual(Object.keys(own));
    const first = await startServer(own);
    const second = await startServer(own);
    await until('it says whose key it has', () => second.output().includes('as before'));
    await call(first, 'config/a', { value: '1' });
    expect(await call(second, 'audit')).toMatchObject({ records: [{ key: 'a' }] });
    if (!has('nginx')) return;
    const port = await freePort();
    const [config = ''] = await blocksOf(page, 'nginx');
    const http = config
      .replace('127.0.0.1:8091', new URL(first.url).host)
      .replace('127.0.0.1:8092', new URL(second.url).host)
      .replace('8443 ssl', `127.0.0.1:${port}`)
      .replaceAll(/^ *ssl_.*$/gm, '');
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const file = join(folder, 'nginx.conf');
    await writeFile(
      file,
      `daemon off; pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${places.join(' ')} ${http} }`,
    );
    const nginx = spawn('nginx', ['-c', file, '-p', folder], { stdio: 'ignore' });
    cleanUps.push(async () => nginx.kill('SIGTERM'));
    const balanced = { url: `http://127.0.0.1:${port}`, apiKey: first.apiKey };
    await until('nginx answers', async () => (await fetch(`${balanced.url}/healthz`)).ok);
    const aborted = new AbortController();
    const headers = { 'x-api-key': first.apiKey };
    const events = await fetch(`${balanced.url}/api/v1/events`, { headers, signal: aborted.signal });
    const reader = events.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('event: connected');
    await call(balanced, 'config/a', { value: '2' });
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('"value":"2"');
    aborted.abort();
    await first.stop();
    expect(await call(balanced, 'config/a')).toMatchObject({ value: '2' });
  });

  it('has a unit that starts what there is, with variables that are read', async () => {
    const [unit = ''] = await blocksOf(page, 'ini');
    const [, program = ''] = /^ExecStart=\/usr\/bin\/node (.*)$/m.exec(unit) ?? [];
    expect(existsSync(join(root, program.replace('/dist/', '/src/').replace(/\.js$/, '.ts')))).toBe(true);
    expect(unit).toContain('MUTT_DATA_DIR=/var/lib/mutt');
    expect(unit).toContain('StateDirectory=mutt\n');
    if (!has('systemd-analyze')) return;
    const file = join(folder, 'mutt-server.service');
    await writeFile(file, unit.replace('/usr/bin/node', process.execPath).replace('/opt/mutt', root));
    const { stderr } = await bash('systemd-analyze', ['verify', file]).catch((error: { stderr: string }) => error);
    expect(stderr.split('\n').filter((line) => line.includes('mutt-server.service:'))).toEqual([]);
  });
});

describe('docs/troubleshooting.md', { timeout: 300_000 }, () => {
  it('has commands that work, and questions that a service answers', async () => {
    // A Redis that is not kept on disk is a finding.
    const durable = await startRedis('--appendonly', 'yes');
    cleanUps.push(() => durable.stop());
    redis = durable;
    const server = await startServer();
    await call(server, 'config/cache_reload_interval', { value: '600' });
    const printed = await runLines(await blocksOf('docs/troubleshooting.md', 'sh'), server);
    expect(printed.slice(0, 4)).toEqual([
      expect.stringContaining('✓ persistence'),
      expect.stringContaining('✓ reach'),
      expect.stringContaining('{"status":"ready","state":"live"'),
      '600',
    ]);
    expect(printed.find((text) => text.startsWith('mutt:config:updates'))).toBe(
      'mutt:config:updates\n1\nmutt:config@changes\n1',
    );
    expect(printed.filter((text) => text.includes('Nothing is lost'))).toHaveLength(2);
    expect(printed.filter((text) => text.includes('event: connected'))).toHaveLength(1);

    await mkdir(scratch, { recursive: true });
    const file = new URL('status.mjs', scratch);
    await writeFile(file, (await blocksOf('docs/troubleshooting.md', 'ts')).join('\n'));
    const child = await startChild(file, [], { REDIS_URL: redis.url });
    expect(await child.exited).toBe(0);
    expect(child.lines).toEqual([expect.stringMatching(/^true live tracking \d+ 1 undefined \[\]$/)]);
    await rm(scratch, { recursive: true, force: true });
  });
});
