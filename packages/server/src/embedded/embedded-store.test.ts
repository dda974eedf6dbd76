import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { describeConfigStore } from '@mutt/dynamic-config/testing';
import { Database } from './database.ts';
import { EmbeddedStore } from './embedded-store.ts';

let folder: string;
let database: Database;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutt-embedded-'));
  database = await Database.open(folder);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

/** One database serves all tests: making one takes seconds. */
async function emptied(): Promise<Database> {
  await database.run(async (db) => {
    await db.deleteFrom('config_entry').execute();
    await db.deleteFrom('config_log').execute();
    await db.updateTable('config_head').set({ epoch: '', revision: 0, hash: '' }).execute();
  });
  return database;
}

describeConfigStore('EmbeddedStore', async () => {
  const store = new EmbeddedStore(await emptied(), folder);
  return { store, other: store, close: () => store.close() };
});
