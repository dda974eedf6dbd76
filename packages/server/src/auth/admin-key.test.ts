import { DATABASES } from '../../test/databases.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase } from '../../test/access-app.ts';
import type { TestDatabase } from '../../test/access-app.ts';
import { chooseAdminKey, saveAdminKey } from './admin-key.ts';
import type { AdminKey } from './admin-key.ts';

describe.each(DATABASES)('the admin key in $name', (kind) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase(kind);
  });
  afterAll(() => database.remove());
  beforeEach(() => database.run(async (db) => void (await db.deleteFrom('api_key').execute())));

  const choose = (wanted?: string, replace = false): Promise<AdminKey> =>
    database.run((db) => chooseAdminKey(db, { wanted, replace }));
  const save = (chosen: AdminKey, wanted?: string, replace = false): Promise<AdminKey> =>
    database.run((db) => saveAdminKey(db, chosen, { wanted, replace }));

  describe('the admin key of servers that start at the same time on one database', () => {
    it('is that of the first to store it, and the others show none that does not work', async () => {
      const [one, other] = [await choose(), await choose()];
      expect([one.origin, other.origin]).toEqual(['generated', 'generated']);
      expect(await save(one)).toEqual(one);
      expect(await save(other)).toEqual({ id: one.id, origin: 'kept', key: null });
    });

    it('is the one that both want', async () => {
      const [one, other, third] = [await choose('k'), await choose('k'), await choose('other')];
      await save(one, 'k');
      expect((await save(other, 'k')).origin).toBe('kept');
      expect((await save(third, 'other')).origin).toBe('kept-despite-wanted');
    });

    it('is replaced where that is asked for', async () => {
      await save(await choose('k'), 'k');
      const replaced = await save(await choose(undefined, true), undefined, true);
      expect(replaced).toMatchObject({ origin: 'generated', key: expect.stringMatching(/^mutt_/) as string });
      expect(await choose('k')).toMatchObject({ origin: 'kept-despite-wanted', id: replaced.id });
    });
  });
});
