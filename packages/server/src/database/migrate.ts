import { Migrator } from 'kysely';
import type { Kysely, Migration } from 'kysely';
import { StartupError } from '../startup-error.ts';
import { config } from './migrations/0001-config.ts';
import { apiKey } from './migrations/0002-api-key.ts';
import { registration } from './migrations/0003-registration.ts';
import { audit } from './migrations/0004-audit.ts';
import { access } from './migrations/0005-access.ts';
import { webhooks } from './migrations/0006-webhooks.ts';
import type { Tables } from './schema.ts';

/** Run in the order of their names. A migration that was released never changes: add another one. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-config': config,
  '0002-api-key': apiKey,
  '0003-registration': registration,
  '0004-audit': audit,
  '0005-access': access,
  '0006-webhooks': webhooks,
};

/**
 * Brings the tables up to date.
 *
 * @throws StartupError when a migration fails, or when a newer version has already migrated them.
 */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
  const why = error instanceof Error ? error.message : 'for an unknown reason';
  throw new StartupError(
    failed === undefined
      ? `The database cannot be brought up to date: ${why}. If a newer version has used it, start that one.`
      : `The database migration ${failed} failed: ${why}. Nothing of it was applied.`,
    { cause: error },
  );
}
