import { DynamicConfig, MemoryStore } from '@mutt/dynamic-config';
import type { ConfigStore, Logger } from '@mutt/dynamic-config';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../src/app.ts';
import type { AppOptions } from '../src/app.ts';
import { AuditFeed } from '../src/audit/audit-feed.ts';
import { AuditLog } from '../src/audit/audit-log.ts';
import { AuditTrail } from '../src/audit/audit-trail.ts';
import { AccessList } from '../src/auth/access-list.ts';
import type { ApiKey } from '../src/auth/api-key.ts';
import { hashToken } from '../src/auth/secret-token.ts';
import type { Database } from '../src/database/database.ts';
import { drainOf } from '../src/drain.ts';
import { createLogger } from '../src/logger.ts';
import type { LogLevel } from '../src/options.ts';
import { wallClock } from '../src/wall-clock.ts';

export const API_KEY = 'correct-horse-battery-staple';

/** The HTTP API over a store in memory, with one API key, of `admin`. */
export interface TestApp {
  readonly app: FastifyInstance;
  readonly config: DynamicConfig;
  /** What it logged, as JSON lines. */
  readonly log: readonly string[];
  /** Listens on a free port of the loopback interface. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

interface TestAppOptions extends Partial<AppOptions> {
  /** More keys, beside the admin's. */
  readonly keys?: readonly ApiKey[];
  /** For an audit trail. */
  readonly database?: Database;
  readonly logLevel?: LogLevel;
  /** Seconds that it takes itself for current without proof. Default 5. */
  readonly cacheTtl?: number;
}

/** An API key; an admin's, unless said otherwise. */
export function testKey(key: string, about: Partial<ApiKey> = {}): ApiKey {
  return {
    id: '1',
    name: 'admin',
    role: 'admin',
    keyPatterns: null,
    readsSecrets: true,
    hash: hashToken(key),
    createdAtMs: 0,
    createdBy: null,
    expiresAtMs: null,
    lastUsedAtMs: null,
    ...about,
  };
}

export async function startApp(
  store: ConfigStore = new MemoryStore(),
  { keys = [], database, logLevel = 'warn', cacheTtl = 5, ...options }: TestAppOptions = {},
): Promise<TestApp> {
  const log: string[] = [];
  const logger = createLogger(logLevel, { write: (line: string) => void log.push(line) });
  const config = await DynamicConfig.connect(store, { logger, changedBy: 'server', cacheTtl });
  const audit = database === undefined ? null : openAudit(store, database, logger);
  const records = { keys: [testKey(API_KEY), ...keys], users: [], sessions: [] };
  const access = { list: new AccessList(records, wallClock) };
  const app = buildApp({ config, access, logger, ...(audit !== null && { audit }), ...options });
  const drain = drainOf(app);
  return {
    app,
    config,
    log,
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async close() {
      await drain();
      await audit?.feed.close();
      await config.close();
      await store.close();
    },
  };
}

function openAudit(store: ConfigStore, database: Database, logger: Logger): AuditLog {
  const trail = new AuditTrail(database);
  return new AuditLog(database, trail, new AuditFeed({ store, trail, hold: async () => {}, logger }));
}
