import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DynamicConfig, StoreUnavailableError } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { becomesLive, converges } from '../support/invariants.ts';
import { report, rounded } from '../support/report.ts';
import { BOUND_MS, Scenario } from '../support/scenario.ts';

const STARTUP_TIMEOUT_MS = 300;
const AOF = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** A Redis that is down, and the file of an instance that knew it. */
async function startDown(): Promise<{ scenario: Scenario; snapshotFile: string }> {
  const scenario = await Scenario.start(...AOF);
  const folder = await mkdtemp(join(tmpdir(), 'mutt-snapshot-'));
  scenario.defer(() => rm(folder, { recursive: true, force: true }));
  const snapshotFile = join(folder, 'snapshot.json');
  const config = await scenario.connect(scenario.redis, { snapshotFile });
  await config.commit(['a', 'b'].map((key) => ({ key, value: 'before' })));
  await config.close();
  scenario.redis.process.kill('SIGKILL');
  return { scenario, snapshotFile };
}

describe('row 29: a start with Redis down', () => {
  it.concurrent('comes up from the snapshot file, says so, and is current when Redis is back', async () => {
    const { scenario, snapshotFile } = await startDown();
    await using _ = scenario;
    const startedAtMs = performance.now();
    const options = { snapshotFile, startupTimeoutMs: STARTUP_TIMEOUT_MS };
    const config = await scenario.connect(scenario.redis, options);
    const startMs = performance.now() - startedAtMs;
    expect({ ...config.getAll() }).toEqual({ a: 'before', b: 'before' });
    expect(config.status()).toMatchObject({ state: 'offline', source: 'file', revision: 1, ageMs: Infinity });
    expect([config.watcherRunning, config.status().lastError]).toEqual([false, expect.any(StoreUnavailableError)]);
    expect(scenario.logged).toEqual([expect.stringContaining('Started without the store')]);
    expect(startMs).toBeLessThan(STARTUP_TIMEOUT_MS + 3_000);
    await expect(config.set('a', 'now')).rejects.toBeInstanceOf(StoreUnavailableError);
    await scenario.redis.restart();
    await scenario.redis.cli('SET', 'mutt:config:a', 'after');
    await scenario.redis.cli('DEL', 'mutt:config:b');
    const healedMs = await converges(scenario.redis, [config], BOUND_MS.healed);
    await becomesLive(config);
    expect(config.status()).toMatchObject({ source: 'store', lastError: null });
    report({
      row: 29,
      scenario: 'start without Redis, with a good snapshot file',
      injected: 'SIGKILL',
      invariants: 'U H C',
      figures: { startMs: rounded(startMs), recoveryMs: rounded(healedMs) },
    });
  });

  it.concurrent.each<readonly [name: string, spoil: (path: string) => Promise<unknown>, warning: string | null]>([
    ['no file', (path) => rm(path), null],
    ['an empty one', (path) => truncate(path), 'not a snapshot file'],
    ['half of one', async (path) => truncate(path, Math.floor((await stat(path)).size / 2)), 'is not used'],
    ['one without its last line', (path) => spoil(path, (text) => text.replace(/.*\n$/, '')), 'damaged or cut off'],
    [
      'one with a letter changed',
      (path) => spoil(path, (text) => text.replace('before', 'befire')),
      'damaged or cut off',
    ],
    ['one of something else', (path) => writeFile(path, '{"settings":{"a":"1"}}\n'), 'not a snapshot file'],
    [
      "another store's",
      (path) => spoil(path, (text) => resealed(text.replace('127.0.0.1', '10.9.8.7'))),
      'it is of redis://10.9.8.7',
    ],
    ['a folder', (path) => rm(path).then(() => mkdir(path)), 'cannot be read'],
  ])('fails in time, and says why, with %s', async (name, spoilFile, warning) => {
    const { scenario, snapshotFile } = await startDown();
    await using _ = scenario;
    await spoilFile(snapshotFile);
    const startedAtMs = performance.now();
    const options = { snapshotFile, startupTimeoutMs: STARTUP_TIMEOUT_MS };
    const outcome: unknown = await scenario.connect(scenario.redis, options).catch((error: unknown) => error);
    const startMs = performance.now() - startedAtMs;
    expect(outcome).toBeInstanceOf(StoreUnavailableError);
    expect(startMs).toBeLessThan(STARTUP_TIMEOUT_MS + 3_000);
    expect(scenario.logged).toEqual(warning === null ? [] : [expect.stringContaining(warning)]);
    report({
      row: 29,
      scenario: `start without Redis, with ${name}`,
      injected: 'SIGKILL, a spoilt file',
      invariants: 'documented',
      figures: { startMs: rounded(startMs) },
    });
  });
});

describe('row 29: the snapshot file', () => {
  it.concurrent('is whole at every moment, also while it is written', async () => {
    await using scenario = await Scenario.start();
    const folder = await mkdtemp(join(tmpdir(), 'mutt-snapshot-'));
    scenario.defer(() => rm(folder, { recursive: true, force: true }));
    const snapshotFile = join(folder, 'snapshot.json');
    const config = await scenario.connect(scenario.redis, { snapshotFile });
    for (let n = 0; n < 8; n++) await config.set(`large-${n}`, 'x'.repeat(1_000_000));
    await until('it is written', () => isWhole(readFileSync(snapshotFile)));
    const before = checksum(readFileSync(snapshotFile));
    await config.set('a', '1');
    let torn = 0;
    let looks = 0;
    await until('it is written again', () => {
      const bytes = readFileSync(snapshotFile);
      looks += 1;
      if (!isWhole(bytes)) torn += 1;
      return isWhole(bytes) && checksum(bytes) !== before;
    });
    expect(torn).toBe(0);
    expect(looks).toBeGreaterThan(10);
  });

  it.concurrent('is read back by the next start as it was written', async () => {
    const { scenario, snapshotFile } = await startDown();
    await using _ = scenario;
    const config = await DynamicConfig.connect(scenario.redis.url, {
      snapshotFile,
      startupTimeoutMs: 0,
      logger: { warn() {}, error() {} },
    });
    scenario.defer(() => config.close());
    expect(config.entry('a')).toMatchObject({ value: 'before', revision: 1, changedBy: expect.any(String) as string });
    expect(config.head).toMatchObject({ revision: 1, hash: expect.stringMatching(/^[0-9a-f]{40}$/) as string });
  });
});

async function spoil(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

/** With the checksum that its text asks for. */
function resealed(text: string): string {
  const body = text.replace(/.*\n$/, '');
  return `${body}${createHash('sha256').update(body).digest('hex')}\n`;
}

/** The last line is the SHA-256 of all before. */
function isWhole(bytes: Buffer): boolean {
  const end = bytes.lastIndexOf('\n', -2) + 1;
  const hash = createHash('sha256').update(bytes.subarray(0, end)).digest('hex');
  return bytes.subarray(end).toString() === `${hash}\n`;
}

function checksum(bytes: Buffer): string {
  return bytes.subarray(-65).toString();
}
