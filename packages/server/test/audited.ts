import type { ConfigStore, DynamicConfig, LoggedCommit } from '@mutt/dynamic-config';
import { RedisStore } from '@mutt/dynamic-config/redis';
import { AuditFeed } from '../src/audit/audit-feed.ts';
import { fromAuditRow } from '../src/audit/audit-row.ts';
import type { AuditRecord } from '../src/audit/audit-record.ts';
import { AuditTrail } from '../src/audit/audit-trail.ts';
import { verifyTrail } from '../src/audit/audit-verify.ts';
import type { Database } from '../src/database/database.ts';

/** The trail of a Redis, kept as a server keeps it. */
export interface Audited {
  readonly store: RedisStore;
  readonly trail: AuditTrail;
  readonly feed: AuditFeed;
  /** Errors and warnings. */
  readonly logged: string[];
  /** Begins to drain by itself, as soon as an instance sees a change. */
  follow(config: DynamicConfig): void;
  close(): Promise<void>;
}

export function openAudited(url: string, database: Database): Audited {
  const logged: string[] = [];
  const log = (message: string): unknown => logged.push(message);
  const logger = { warn: log, error: log };
  const store = RedisStore.open(url, { logger });
  const trail = new AuditTrail(database);
  const hold = (trailId: string, revision: number): Promise<void> => store.holdLog(`audit:${trailId}`, revision);
  const feed = new AuditFeed({ store, trail, hold, logger });
  return {
    store,
    trail,
    feed,
    logged,
    follow(config) {
      config.subscribe(() => feed.nudge());
      feed.start();
    },
    async close() {
      await feed.close();
      await store.close();
    },
  };
}

export async function auditRecords(database: Database): Promise<AuditRecord[]> {
  const rows = await database.run((db) => db.selectFrom('config_audit_log').selectAll().orderBy('id').execute());
  return rows.map(fromAuditRow);
}

/** The newest record of a key. */
export async function newestRecord(database: Database, key: string): Promise<AuditRecord | undefined> {
  const query = (db: Parameters<Parameters<Database['run']>[0]>[0]) =>
    db.selectFrom('config_audit_log').selectAll().where('key', '=', key).orderBy('id', 'desc').limit(1).execute();
  return (await database.run(query)).map(fromAuditRow)[0];
}

export async function historyOf(store: Pick<ConfigStore, 'history'>): Promise<LoggedCommit[]> {
  const commits: LoggedCommit[] = [];
  for await (const commit of store.history({ afterRevision: 0 })) commits.push(commit);
  return commits;
}

/**
 * A: what breaks the promise that each committed change has exactly one record, in order, and that the chain is whole;
 * empty when it holds.
 */
export async function auditViolations(database: Database, commits: readonly LoggedCommit[]): Promise<string[]> {
  const expected = commits.flatMap(({ changes, ...commit }) =>
    changes.map(({ key, value }) => describe({ ...commit, logHash: commit.hash, key, value })),
  );
  const records = (await auditRecords(database)).filter(({ operation }) => operation !== 'GAP');
  const found = records.map((record) => {
    const value = record.newValues === null ? null : (JSON.parse(record.newValues) as { value: string }).value;
    return describe({ ...record, key: record.key ?? '', value });
  });
  const [wanted, had] = [new Set(expected), new Set(found)];
  const { problem } = await verifyTrail(database);
  return [
    ...expected.filter((one) => !had.has(one)).map((one) => `Not recorded: ${one}`),
    ...found.filter((one) => !wanted.has(one)).map((one) => `Recorded, and never committed: ${one}`),
    ...repeated(found).map((one) => `Recorded twice: ${one}`),
    ...(problem === null ? [] : [problem.message]),
  ];
}

function repeated(all: readonly string[]): string[] {
  const seen = new Set<string>();
  return all.filter((one) => seen.size === seen.add(one).size);
}

interface Described {
  readonly epoch: string;
  readonly revision: number;
  readonly logHash: string;
  readonly key: string;
  readonly value: string | null;
  readonly changedBy: string | null;
}

function describe({ epoch, revision, logHash, key, value, changedBy }: Described): string {
  const shown = value === null ? 'deleted' : `= ${value.slice(0, 40)}`;
  return `${epoch.slice(0, 4)}:${revision}:${logHash.slice(0, 8)} ${key} ${shown} by ${changedBy}`;
}
