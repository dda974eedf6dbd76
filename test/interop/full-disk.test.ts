import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { bundleProgram } from '../support/bundle-program.ts';

const run = promisify(execFile);
/** What `ulimit -f` counts in. */
const BLOCK = 512;

let service: string;
let folder: string;

beforeAll(async () => {
  service = await bundleProgram(new URL('snapshot-service.ts', import.meta.url));
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutt-full-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Returns what the service logged. No file may grow beyond the limit: a write that crosses it is cut off there, as by a full disk. */
async function writeSnapshot(path: string, length: number, limit: number | 'unlimited'): Promise<string> {
  const node = [process.execPath, service, path, String(length)];
  const { stdout } = await run('sh', ['-c', 'ulimit -f "$0" && exec "$@"', String(limit), ...node]);
  return stdout;
}

it.each([
  ['in its last line', 10],
  ['in the middle', 100_000],
])('row 29: a disk that is full %s of a snapshot leaves the old one, and nothing beside it', async (_, missing) => {
  const [path, other] = [join(folder, 'snapshot'), join(folder, 'other')];
  const length = 500_000;
  await writeSnapshot(other, length, 'unlimited');
  const { size } = await stat(other);
  await rm(other);
  await writeFile(path, 'the old one');
  // So many more characters that it is a whole number of blocks, but for what is missing.
  const more = BLOCK - ((size - missing) % BLOCK);
  const logged = await writeSnapshot(path, length + more, (size + more - missing) / BLOCK);
  expect(logged).toMatch(/cannot be written/);
  expect(await readFile(path, 'utf8')).toBe('the old one');
  expect(await readdir(folder)).toEqual(['snapshot']);
});
