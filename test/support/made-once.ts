import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'MUTT_TEST_RUN_FOLDER';

/**
 * A folder that all tests of a run copy from, or read: what takes seconds to make, made by whoever needs it first.
 * Should two processes make it at once, that of the first stays.
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<unknown>): Promise<string> {
  const path = join(runFolder(), name);
  if (existsSync(path)) return path;
  const unfinished = await mkdtemp(`${path}-`);
  await make(unfinished);
  await rename(unfinished, path).catch(async (error: unknown) => {
    if (!existsSync(path)) throw error;
    await rm(unfinished, { recursive: true, force: true });
  });
  return path;
}

/** Of the process that first asked for it, for as long as that lives, and of all that it starts from then on. */
export function runFolder(): string {
  const given = process.env[NAME];
  if (given !== undefined) return given;
  const folder = mkdtempSync(join(tmpdir(), 'mutt-tests-'));
  // PostgreSQL's files belong to another user, where root runs the tests.
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return (process.env[NAME] = folder);
}
