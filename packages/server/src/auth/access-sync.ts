import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../database/database.ts';
import type { Tables } from '../database/schema.ts';
import type { WallClock } from '../wall-clock.ts';
import type { AccessList, Grant } from './access-list.ts';
import { selectAccess } from './access-records.ts';

/** How soon a change by another server counts here. */
export const REFRESH_MS = 5_000;
/** How often it is written who was here. */
const WRITE_USE_MS = 60_000;

export interface AccessSyncOptions {
  readonly database: Database;
  readonly list: AccessList;
  readonly clock: WallClock;
  readonly logger: FastifyBaseLogger;
}

/** Keeps an access list as the database has it, and the database told of what is used. */
export class AccessSync {
  readonly #options: AccessSyncOptions;
  readonly #stop: () => void;
  /** The last refresh that was asked for. */
  #refreshing: Promise<void> = Promise.resolve();
  /** The last round of what is done time and again. */
  #ticking: Promise<void> = Promise.resolve();
  #wroteUseAtMs: number;
  #isFailing = false;

  constructor(options: AccessSyncOptions) {
    this.#options = options;
    this.#wroteUseAtMs = options.clock.now();
    this.#stop = options.clock.every(REFRESH_MS, () => void this.tick());
  }

  /** Takes what the database has by now: all that was written before this call. */
  async refresh(): Promise<void> {
    // One after the other, so that no older reading replaces a newer one.
    const refreshed = this.#refreshing.then(async () => {
      const { database, list } = this.#options;
      list.replace(await database.run(selectAccess));
    });
    this.#refreshing = refreshed.catch(() => {});
    return refreshed;
  }

  /** What is done time and again. While the database is down, what was known last counts, until it runs out. */
  async tick(): Promise<void> {
    // One after the other, so that a slow database is not asked more and more at once.
    this.#ticking = this.#ticking.then(() => this.#tick());
    return this.#ticking;
  }

  async #tick(): Promise<void> {
    const { clock, list, logger } = this.#options;
    list.expire();
    try {
      if (clock.now() - this.#wroteUseAtMs >= WRITE_USE_MS) await this.#writeUse();
      await this.refresh();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) logger.warn({ err: error }, 'API keys and sessions cannot be read: those known stay');
      this.#isFailing = true;
    }
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#ticking;
    await this.#refreshing;
    await this.#writeUse().catch(() => {});
  }

  async #writeUse(): Promise<void> {
    const { clock, database, list } = this.#options;
    this.#wroteUseAtMs = clock.now();
    const used = list.takeUsed();
    if (used.length > 0) await database.run((db) => writeUse(db, used));
  }
}

async function writeUse(db: Kysely<Tables>, used: readonly Grant[]): Promise<void> {
  const sessions = used.filter(({ session }) => session !== null);
  const keys = used.filter(({ session }) => session === null);
  await sql`
    update api_key set last_used_at = greatest(last_used_at, used.at)
    from unnest(${keys.map(({ principal }) => principal.id)}::text[], ${timesOf(keys)}::timestamptz[]) as used (id, at)
    where api_key.id = used.id`.execute(db);
  await sql`
    update user_session set last_seen_at = greatest(last_seen_at, used.at)
    from unnest(${sessions.map(({ session }) => session?.id)}::text[], ${timesOf(sessions)}::timestamptz[]) as used (id, at)
    where user_session.id = used.id`.execute(db);
}

function timesOf(used: readonly Grant[]): string[] {
  return used.map(({ lastUsedAtMs }) => new Date(lastUsedAtMs ?? 0).toISOString());
}
