import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DynamicConfig, InvalidOptionError } from '@mutt/dynamic-config';
import { describeConfigStore } from '@mutt/dynamic-config/testing';
import { makeDataDir } from '../../../../test/support/data-dir.ts';
import { EmbeddedDatabase } from './embedded-database.ts';
import { EmbeddedStore } from './embedded-store.ts';
import { selectLog } from './read-log.ts';

let folder: string;
let database: EmbeddedDatabase;

beforeAll(async () => {
  folder = await makeDataDir('mutt-embedded-');
  database = await EmbeddedDatabase.open(folder);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

/** One database serves all tests: making one takes seconds. */
async function emptied(): Promise<EmbeddedDatabase> {
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

it('refuses a request id that was used for other changes', async () => {
  const store = new EmbeddedStore(await emptied(), folder);
  const config = await DynamicConfig.connect(store);
  await config.set('a', '1', { requestId: 'id' });
  await expect(config.set('a', '2', { requestId: 'id' })).rejects.toThrow(InvalidOptionError);
  expect([config.get('a'), (await store.head()).revision]).toEqual(['1', 1]);
  await config.close();
  await store.close();
});

it('reads its log in pages of bytes, and all of it', async () => {
  const store = new EmbeddedStore(await emptied(), folder);
  const config = await DynamicConfig.connect(store);
  const value = 'x'.repeat(1024 * 1024);
  for (let n = 0; n < 7; n++) await config.set(n % 2 === 0 ? 'large' : 'small', n % 2 === 0 ? value : '1');
  const revisions: number[] = [];
  for await (const { revision } of store.history({ afterRevision: 1 })) revisions.push(revision);
  expect(revisions).toEqual([2, 3, 4, 5, 6, 7]);
  const page = await database.run((db) => selectLog(db, 0));
  expect(page.map(({ revision }) => revision)).toEqual([1, 2, 3, 4]);
  await config.close();
  await store.close();
});
