import { existsSync } from 'node:fs';
import { rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../startup-error.ts';
import { openPglite } from './connection.ts';
import { toStartupError } from './unusable-database.ts';

/**
 * The path of the database in a data folder; makes the database where there is none.
 *
 * @throws StartupError
 */
export async function prepareFolder(folder: string): Promise<string> {
  const path = join(folder, 'database');
  if (!existsSync(path)) await create(path);
  // It was renamed into place whole. To make a new one here would hide that the settings are lost.
  else if (!existsSync(join(path, 'PG_VERSION'))) {
    throw new StartupError(
      `The database in ${path} is damaged: its file PG_VERSION is missing. Put a backup of the folder in its place, or move it away to begin with an empty database.`,
    );
  }
  return path;
}

/** How much room the disk of a folder has; null when that cannot be told. */
export async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Made under another name first: a start that is killed half-way leaves nothing that looks like a database. */
async function create(path: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    await rm(unfinished, { recursive: true, force: true });
    const pglite = await openPglite(unfinished);
    await pglite.close();
    await rename(unfinished, path);
  } catch (error) {
    const free = await freeBytes(unfinished);
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw toStartupError(path, error, free);
  }
}
