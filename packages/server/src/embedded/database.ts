import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { StartupError } from '../startup-error.ts';
import { DurableNodeFS } from './durable-node-fs.ts';
import { lockFolder } from './folder-lock.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './schema.ts';

/** The server's own database: a PostgreSQL in this process, in one folder, for this process alone. */
export interface Database {
  readonly db: Kysely<Tables>;
  close(): Promise<void>;
}

/** One connection, kept for good, whatever PGSSLMODE and its like in the environment ask for. */
const POOL = { max: 1, idleTimeoutMillis: 0, ssl: false };

/**
 * Opens the database in a data folder, and makes it first where there is none. Acknowledged transactions survive
 * `kill -9` and power cuts.
 *
 * There is one connection: inside a transaction use the transaction's own handle, or wait for ever.
 *
 * @throws StartupError when another process uses the folder, or it cannot be used.
 */
export async function openDatabase(dataDir: string): Promise<Database> {
  const folder = resolve(dataDir);
  await makeFolder(folder);
  const unlock = lockFolder(folder);
  try {
    const pglite = await openPglite(folder);
    const pool = new pg.Pool(Object.assign(createPgConfig(pglite), POOL));
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    const close = async (): Promise<void> => {
      await db.destroy();
      await pglite.close();
      unlock();
    };
    await migrate(db).catch(async (error: unknown) => {
      await close();
      throw error;
    });
    return { db, close };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StartupError(
      `The data folder ${folder} cannot be made (${(cause as Error).message}). Name another one with MUTT_DATA_DIR.`,
      { cause },
    );
  }
}

async function openPglite(folder: string): Promise<PGlite> {
  const path = join(folder, 'database');
  if (!existsSync(path)) await create(path);
  try {
    return await start(path);
  } catch (cause) {
    throw new StartupError(`The database in ${path} cannot be opened: ${(cause as Error).message}`, { cause });
  }
}

/** Made under another name first: a start that is killed half-way leaves nothing that looks like a database. */
async function create(path: string): Promise<void> {
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const pglite = await start(unfinished);
  await pglite.close();
  await rename(unfinished, path);
}

async function start(path: string): Promise<PGlite> {
  // -F turns fsync off.
  const startParams = PGlite.defaultStartParams.filter((param) => param !== '-F');
  return PGlite.create({
    fs: new DurableNodeFS(path),
    startParams: [...startParams, '-c', 'wal_sync_method=fsync', '-c', 'shared_buffers=8MB'],
  });
}
