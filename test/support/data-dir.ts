import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { madeOnce } from './made-once.ts';

/**
 * A data folder of a test's own, for a server or an embedded database. The database in it is there already, as it is
 * before its first migration: to make one takes seconds, to copy one doesn't.
 *
 * @param name begins its name.
 */
export async function makeDataDir(name: string): Promise<string> {
  const template = await madeOnce('embedded-database', async (folder) => {
    // Most who ask for a folder only copy, and need not load a PostgreSQL for it.
    const { prepareFolder } = await import('../../packages/server/src/embedded/database-folder.ts');
    await prepareFolder(folder);
  });
  const folder = await mkdtemp(join(tmpdir(), name));
  await cp(template, folder, { recursive: true });
  return folder;
}
