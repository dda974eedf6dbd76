import { rm } from 'node:fs/promises';
import { until } from '@mutt/dynamic-config/testing';
import { expect, it } from 'vitest';
import { makeDataDir } from '../../../../test/support/data-dir.ts';
import { freePort } from '../../../../test/support/free-port.ts';
import { startMuttctl } from '../../test/run-muttctl.ts';

it('serve runs the server that npm start runs, until it is told to stop', async () => {
  const folder = await makeDataDir('muttctl-serve-');
  const port = String(await freePort());
  const serving = await startMuttctl(['serve', '--port', port, '--data-dir', folder]);
  await until('it says how to stop it', () => serving.stdout().includes('Ctrl-C stops it'), 60_000);
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).ok).toBe(true);
  serving.process.kill('SIGTERM');
  expect(await serving.ended).toMatchObject({ exitCode: 0, stderr: '' });
  await rm(folder, { recursive: true });
});
