import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError } from '@mutt/dynamic-config';
import type { LoggedCommit } from '@mutt/dynamic-config';
import { until } from '@mutt/dynamic-config/testing';
import { StartupError } from '../startup-error.ts';
import { EmbeddedDatabase } from './embedded-database.ts';
import type { DatabaseTimes } from './embedded-database.ts';
import { DatabaseFailure } from '../database/database-error.ts';
import { EmbeddedStore } from './embedded-store.ts';

/** A whole database, copied for each test: making one takes seconds. */
let template: string;
let folder: string;
let opened: EmbeddedDatabase[];

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'mutt-database-'));
  await (await EmbeddedDatabase.open(template)).close();
});
afterAll(() => rm(template, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mutt-database-'));
  fs.cpSync(template, folder, { recursive: true });
  opened = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const database of opened) await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(times: Partial<DatabaseTimes> = {}): Promise<EmbeddedDatabase> {
  const database = await EmbeddedDatabase.open(folder, times);
  opened.push(database);
  return database;
}

function set(
  store: EmbeddedStore,
  key: string,
  value: string,
  requestId: string = randomUUID(),
): Promise<LoggedCommit> {
  const options = { requestId, changedBy: 'alice', reason: null, notify: true, ifRevision: null };
  return store.commit([{ key, value, ifRevision: null }], options);
}

/** Every write to a file of the folder fails, as on a full disk, while it says so. */
function disk(): { isFull: boolean } {
  const state = { isFull: false };
  const files = new Set<number>();
  const { openSync, writeSync } = fs;
  vi.spyOn(fs, 'openSync').mockImplementation((...args) => {
    const fd = openSync(...args);
    if (String(args[0]).startsWith(folder)) files.add(fd);
    else files.delete(fd);
    return fd;
  });
  vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, ...args: [NodeJS.ArrayBufferView]) => {
    if (state.isFull && files.has(fd))
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    return writeSync(fd, ...args);
  }) as typeof fs.writeSync);
  return state;
}

describe('a full disk', () => {
  it('is named, blocks nobody for ever, and is over when there is room again', async () => {
    const state = disk();
    const store = new EmbeddedStore(await open({ retryMs: 0, taskMs: 2_000 }), folder);
    await set(store, 'a', '1');
    state.isFull = true;
    const requestId = randomUUID();
    const refused: unknown = await set(store, 'a', '2', requestId).catch((error: unknown) => error);
    const reason = refused instanceof OutcomeUnknownError ? refused.cause : refused;
    expect(reason).toBeInstanceOf(StoreUnavailableError);
    expect((reason as Error).message).toContain('The disk of the data folder is full');
    await expect(set(store, 'a', '3')).rejects.toThrow();
    state.isFull = false;
    await until('a commit works again', () => set(store, 'a', '2', requestId));
    const { entries } = await store.load();
    expect(entries.get('a')).toMatchObject({ value: '2', revision: 2 });
  });
});

describe('a task that does not end', () => {
  const never = (): Promise<never> => new Promise(() => {});

  it('is given up, and those after it work', async () => {
    const database = await open({ taskMs: 100 });
    const store = new EmbeddedStore(database, folder);
    await set(store, 'a', '1');
    await expect(database.run(never)).rejects.toThrow(DatabaseFailure);
    expect((await store.load()).entries.get('a')?.value).toBe('1');
  });

  it('changes nothing any more once it was given up', async () => {
    const database = await open({ taskMs: 100 });
    const store = new EmbeddedStore(database, folder);
    await set(store, 'a', '1');
    let late: Promise<unknown> = Promise.resolve();
    const given = database.run(async (db) => {
      late = until('it is given up', () => isGivenUp).then(() => db.deleteFrom('config_entry').execute());
      await late;
    });
    let isGivenUp = false;
    await expect(given).rejects.toThrow(DatabaseFailure);
    isGivenUp = true;
    await expect(Promise.race([late, until('the statement hangs', () => false, 500)])).rejects.toThrow();
    expect((await store.load()).entries.get('a')?.value).toBe('1');
  });

  it('makes those that wait fail in time, undone', async () => {
    const database = await open({ taskMs: 400, waitMs: 50 });
    const store = new EmbeddedStore(database, folder);
    const blocked = database.run(never).catch(() => {});
    await expect(set(store, 'a', '1')).rejects.toThrow(StoreUnavailableError);
    await blocked;
    expect((await store.load()).entries.size).toBe(0);
  });
});

describe('a statement that fails', () => {
  it('ends nothing but its task, outside a transaction too', async () => {
    const database = await open();
    const store = new EmbeddedStore(database, folder);
    await set(store, 'a', '1');
    for (let n = 0; n < 3; n++) {
      const failing = database.run((db) => sql`select ${'nul \0'}::text`.execute(db));
      await expect(failing).rejects.toThrow(DatabaseFailure);
    }
    expect((await store.load()).entries.get('a')?.value).toBe('1');
    // What is left of a connection that was given up ends by itself, and unheard.
    await setImmediate();
  });
});

describe('a start is refused with a sentence when', () => {
  const refusal = (): Promise<unknown> => EmbeddedDatabase.open(folder).catch((error: unknown) => error);

  it('the database has lost what makes it one: a new one would hide that', async () => {
    await rm(join(folder, 'database', 'PG_VERSION'));
    expect(await refusal()).toMatchObject({
      name: 'StartupError',
      message: expect.stringMatching(/is damaged.*backup/),
    });
    await rm(join(folder, 'database'), { recursive: true });
    await mkdir(join(folder, 'database'));
    expect(await refusal()).toBeInstanceOf(StartupError);
  });

  it('the database is damaged inside', async () => {
    await writeFile(join(folder, 'database', 'global', 'pg_control'), 'x'.repeat(8192));
    expect(await refusal()).toMatchObject({
      name: 'StartupError',
      message: expect.stringMatching(/cannot be opened.*backup/),
    });
  });

  it('the data folder cannot be written to', async () => {
    await rm(join(folder, 'lock'));
    await mkdir(join(folder, 'lock'));
    expect(await refusal()).toMatchObject({ name: 'StartupError', message: expect.stringContaining('MUTT_DATA_DIR') });
  });

  it('the data folder is a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(EmbeddedDatabase.open(file)).rejects.toThrow('MUTT_DATA_DIR');
  });

  it('a newer version has migrated the database', async () => {
    const database = await open();
    await database.run((db) =>
      db
        .insertInto('kysely_migration' as never)
        .values({ name: '9999-future', timestamp: '2030' } as never)
        .execute(),
    );
    await database.close();
    expect(await refusal()).toMatchObject({ name: 'StartupError', message: expect.stringContaining('newer version') });
  });
});
