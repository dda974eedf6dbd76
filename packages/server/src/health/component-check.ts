import { sql } from 'kysely';
import type { AuditFeed } from '../audit/audit-feed.ts';
import type { Database } from '../database/database.ts';
import { withinMs } from '../within-ms.ts';

/** How a part of the server is. For everybody to read: without addresses, names and values. */
export interface ComponentState {
  readonly status: 'up' | 'down';
  /** What is wrong, as a sentence. */
  readonly message?: string;
}

/** Something that the server needs, and how to find out whether it is there. */
export interface ComponentCheck {
  readonly name: string;
  /** False: the server does its work without it, for a while. */
  readonly isRequired: boolean;
  check(): Promise<ComponentState> | ComponentState;
}

const DATABASE_MS = 2_000;

export function databaseCheck(database: Database): ComponentCheck {
  return {
    name: 'database',
    isRequired: false,
    async check() {
      try {
        await withinMs(
          DATABASE_MS,
          database.run((db) => sql`select 1`.execute(db)),
        );
        return { status: 'up' };
      } catch {
        return {
          status: 'down',
          message: 'The database does not answer. Settings are served and changed all the same.',
        };
      }
    },
  };
}

export function auditCheck(feed: Pick<AuditFeed, 'status'>): ComponentCheck {
  return {
    name: 'audit',
    isRequired: false,
    check() {
      const { lastError, backlog } = feed.status;
      if (lastError === null) return { status: 'up' };
      return {
        status: 'down',
        message: `The audit trail cannot be written. ${backlog ?? 'Some'} change sets wait in the log of the store.`,
      };
    },
  };
}

/** The state of each, by name. A check that throws is one that fails. */
export async function checkAll(checks: readonly ComponentCheck[]): Promise<Record<string, ComponentState>> {
  const states = await Promise.all(
    checks.map(async (one) => {
      try {
        return [one.name, await one.check()] as const;
      } catch {
        return [one.name, { status: 'down', message: 'It cannot be found out how this is.' }] as const;
      }
    }),
  );
  return Object.fromEntries<ComponentState>(states);
}
