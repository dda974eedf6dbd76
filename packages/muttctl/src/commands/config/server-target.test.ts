import { rm } from 'node:fs/promises';
import { until } from '@mutt/dynamic-config/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataDir } from '../../../../../test/support/data-dir.ts';
import { startServer, type RunningServer } from '../../../../server/src/index.ts';
import { runMuttctl, startMuttctl, type Outcome } from '../../../test/run-muttctl.ts';

const API_KEY = 'correct-horse-battery-staple';

describe('a server as the target', () => {
  let dataDir: string;
  let server: RunningServer;

  beforeAll(async () => {
    dataDir = await makeDataDir('muttctl-server-');
    server = await startServer({
      host: '127.0.0.1',
      port: 0,
      dataDir,
      entries: { store: 'embedded' },
      apiKey: API_KEY,
    });
  });
  afterAll(async () => {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** As after `npm start`: no URL, only the port and the key. */
  function config(args: readonly string[], apiKey: string | null = API_KEY): Promise<Outcome> {
    const env = { PORT: new URL(server.url).port, ...(apiKey !== null && { MUTT_API_KEY: apiKey }) };
    return runMuttctl(['config', ...args], { env });
  }

  it('is set, read, listed and deleted like a Redis', async () => {
    expect(await config(['set', 'rate', '100'])).toMatchObject({ stderr: '', exitCode: 0 });
    const set = await config(['set', 'rate', '200', '--reason', 'incident 4711', '--json']);
    expect(JSON.parse(set.stdout)).toMatchObject({
      key: 'rate',
      value: '200',
      previous_value: '100',
      reason: 'incident 4711',
    });
    expect(await config(['get', 'rate'])).toEqual({ stdout: '200\n', stderr: '', exitCode: 0 });
    expect((await config(['list'])).stdout).toMatch(/^KEY +VALUE +REVISION .*\nrate +200 /);
    expect(await config(['delete', 'rate'])).toMatchObject({ stderr: '', exitCode: 0 });
    expect(await config(['get', 'rate'])).toMatchObject({ stdout: '', exitCode: 3 });
  });

  it('refuses a stale revision', async () => {
    await config(['set', 'guarded', '1']);
    const { stderr, exitCode } = await config(['set', 'guarded', '2', '--if-revision', '0', '--json']);
    expect(exitCode).toBe(5);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'revision_conflict' });
  });

  it('shows its changes while watch runs', async () => {
    const watching = await startMuttctl(['config', 'watch', 'seen', '--url', server.url], {
      env: { MUTT_API_KEY: API_KEY },
    });
    try {
      await until('watch says that it watches', () => watching.stderr().includes('Watching'));
      await config(['set', 'seen', '1']);
      await until('the change is printed', () => watching.stdout().includes('seen: (not set) → 1'));
    } finally {
      watching.process.kill('SIGTERM');
    }
    expect(await watching.ended).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['no', null, 'wants to know who asks'],
    ['a wrong', 'wrong-horse', 'does not know the API key in MUTT_API_KEY'],
  ])('ends with 5 with %s API key, says which variable to set, and does not print it', async (_, apiKey, message) => {
    for (const args of [['get', 'rate'], ['set', 'rate', '1'], ['list'], ['delete', 'rate'], ['watch']]) {
      const { stdout, stderr, exitCode } = await config(args, apiKey);
      expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 5 });
      expect(stderr).toContain(message);
      expect(stderr).toContain('MUTT_API_KEY');
      expect(stderr).not.toContain('horse');
    }
  });
});
