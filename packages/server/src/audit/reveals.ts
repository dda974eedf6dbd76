import { StoreUnavailableError } from '@mutt/dynamic-config';
import { sql } from 'kysely';
import type { FastifyRequest } from 'fastify';
import { authorOf } from '../auth/authenticate.ts';
import type { DeclaredSettings } from '../settings/declared-settings.ts';
import type { WallClock } from '../wall-clock.ts';
import type { AuditLog } from './audit-log.ts';
import { chained } from './audit-record.ts';
import type { AuditRecord } from './audit-record.ts';
import { insertAuditRows } from './audit-row.ts';
import { selectAuditHead } from './audit-trail.ts';

export interface RevealsOptions {
  /** Left out where there is no database: then there is no record of anything. */
  readonly audit: AuditLog | undefined;
  readonly declared: DeclaredSettings;
  readonly clock: Pick<WallClock, 'now'>;
}

/** Puts on record who asks for secrets in plain, before they are told. */
export class Reveals {
  readonly #options: RevealsOptions;

  constructor(options: RevealsOptions) {
    this.#options = options;
  }

  /**
   * @param reveal as asked for: only with `true` anything is told.
   * @param keys that are about to be told, secret or not.
   * @throws StoreUnavailableError when it cannot be recorded, and so must not be told.
   */
  async record(request: FastifyRequest, reveal: string | undefined, keys: Iterable<string>): Promise<void> {
    const { audit, declared, clock } = this.#options;
    if (reveal !== 'true' || audit === undefined) return;
    const secretKeys = await declared.secretKeys();
    const secrets = [...new Set(keys)].filter((key) => secretKeys.has(key));
    if (secrets.length === 0) return;
    try {
      await appendReveals(audit, secrets, {
        changedAtMs: clock.now(),
        changedBy: authorOf(request),
        correlationId: request.id,
      });
    } catch (cause) {
      throw new StoreUnavailableError(
        'Who looks at a secret is recorded, and the audit trail cannot be written now: so it is not shown. Try again later.',
        { cause },
      );
    }
  }
}

async function appendReveals(
  { database }: AuditLog,
  keys: readonly string[],
  who: Pick<AuditRecord, 'changedAtMs' | 'changedBy' | 'correlationId'>,
): Promise<void> {
  await database.run((db) =>
    db.transaction().execute(async (transaction) => {
      const head = await selectAuditHead(transaction, 'for update');
      const records: AuditRecord[] = [];
      for (const key of keys) {
        const { epoch, revision } = head.log;
        // Without a hash of the log, by which commits are told from each other: it is none.
        const what = { operation: 'REVEAL', source: 'reveal', key, epoch, revision, logHash: '' } as const;
        const record = { ...who, ...what, oldValues: null, newValues: null, reason: null };
        records.push(chained(record, records.at(-1) ?? head));
      }
      await insertAuditRows(transaction, records);
      await sql`insert into audit_key (key) select unnest(${keys}::text[]) on conflict do nothing`.execute(transaction);
      const { id, hash } = records.at(-1) ?? head;
      await transaction.updateTable('audit_head').set({ id, hash }).execute();
    }),
  );
}
