import type { Database } from '../database/database.ts';
import type { AuditFeed } from './audit-feed.ts';
import type { AuditTrail } from './audit-trail.ts';
import { verifyTrail } from './audit-verify.ts';
import type { Verification } from './audit-verify.ts';
import { withinMs } from '../within-ms.ts';

/** How long a request may wait for the trail to have what was committed before it. */
const CATCH_UP_MS = 2_000;

/** The audit trail as the routes use it. */
export class AuditLog {
  readonly database: Database;
  readonly trail: AuditTrail;
  readonly feed: AuditFeed;
  #verifying: Promise<Verification> | null = null;

  constructor(database: Database, trail: AuditTrail, feed: AuditFeed) {
    this.database = database;
    this.trail = trail;
    this.feed = feed;
  }

  /** Recomputes the chain: once for all who ask while it is under way. */
  async verify(): Promise<Verification> {
    this.#verifying ??= verifyTrail(this.database).finally(() => (this.#verifying = null));
    return this.#verifying;
  }

  /** Waits, not for ever, until the trail has all that was committed before. What it has is told in any case. */
  async settle(): Promise<void> {
    await withinMs(CATCH_UP_MS, this.feed.catchUp()).catch(() => {});
  }
}
