import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@mutt/dynamic-config/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runInTerminal } from '../../../test/in-terminal.ts';
import { runMuttctl, startMuttctl } from '../../../test/run-muttctl.ts';

const HALF = `id,changed_at\r\n${'1,"2026-11-25T16:12:07.277Z"\r\n'.repeat(1_000)}`;

let folder: string;
let server: Server;
let answer: (response: ServerResponse) => void;
let url: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muttctl-cut-'));
  server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const half = (response: ServerResponse, then: () => void): void => {
  response.writeHead(200, { 'content-type': 'text/csv' });
  response.write(HALF, then);
};

describe('an export', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['is cut off on its way', (response) => half(response, () => response.destroy())],
    ['ends in the middle of a record', (response) => half(response, () => response.end('2,"2026'))],
  ])('that %s is an error, and leaves no file', async (_, how) => {
    answer = how;
    const { stdout, stderr, exitCode } = await runMuttctl(['audit', 'export', '--url', url, '-o', 'all.csv'], {
      cwd: folder,
    });
    expect([stdout, exitCode, stderr]).toEqual([
      '',
      4,
      expect.stringMatching(/^Error: .*(stopped before|middle of a record)/),
    ]);
    expect(await readdir(folder)).toEqual([]);
    const printed = await runMuttctl(['audit', 'export', '--url', url], { cwd: folder });
    expect(printed).toMatchObject({ exitCode: 4, stdout: expect.stringMatching(/^id,changed_at/) as string });
  });

  it('that is interrupted leaves no file', async () => {
    answer = (response) => half(response, () => {});
    const running = await startMuttctl(['audit', 'export', '--url', url, '-o', 'all.csv'], { cwd: folder });
    await until('it has begun to write', async () => (await readdir(folder)).some((name) => name.endsWith('.part')));
    running.process.kill('SIGINT');
    expect(await running.ended).toMatchObject({ exitCode: 130 });
    expect(await readdir(folder)).toEqual([]);
  });

  it('that is refused says why, in the words of the server', async () => {
    answer = (response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: 'This takes a better role.', code: 'forbidden' }));
    };
    expect(await runMuttctl(['audit', 'export', '--url', url], { cwd: folder })).toEqual({
      stdout: '',
      stderr: 'Error: This takes a better role.\n',
      exitCode: 5,
    });
  });
});

it('a verification that takes long says so on a terminal', async () => {
  answer = () => {};
  const { screen } = await runInTerminal(
    ['audit', 'verify', '--url', url],
    [['Recomputing the hash of every record …', '\u0003']],
  );
  expect(screen).not.toContain('Error');
});

describe('a gap', () => {
  const json = (body: object) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };

  it('is told as what it is, in the table and in full', async () => {
    const gap = {
      id: 1,
      changed_at: '2026-11-25T16:29:35.030Z',
      changed_by: null,
      operation: 'GAP',
      key: null,
      old_values: { epoch: '', revision: 0, hash: '' },
      new_values: { epoch: 'e', revision: 2, hash: 'h' },
      reason: 'What came before revision 2 was no longer in the log.',
      correlation_id: null,
      revision: 2,
      source: 'gap',
    };
    answer = json({ records: [gap], next_cursor: null });
    const table = await runMuttctl(['audit', 'list', '--url', url]);
    expect(table.stdout).toContain('\n 1  2026-11-25 16:29:35  -   -    GAP     What came before revision 2');
    const { stdout } = await runMuttctl(['audit', 'list', '--full', '--url', url]);
    expect(stdout).toMatch(/^record 1\nAuthor: nobody: something is missing here\nDate: {3}2026-\S+\n\n {4}What came/);
  });

  it('is counted by a verification, which says what was dropped by age, too', async () => {
    const anchor = { id: 7, hash: 'x' };
    answer = json({ ok: true, records: 1_234, gaps: 2, first_id: 8, last_id: 1_241, hash: 'h', anchor, problem: null });
    const { stdout, exitCode } = await runMuttctl(['audit', 'verify', '--url', url]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Checked: 1,234 records, from 8 to 1241: each')]);
    expect(stdout).toContain('Dropped: those up to 7, by age.\n  Gaps:    2: what could not be recorded');
    expect(stdout).not.toContain('Since');
  });
});
