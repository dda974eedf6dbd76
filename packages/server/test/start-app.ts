import { DynamicConfig, MemoryStore } from '@mutt/dynamic-config';
import type { ConfigStore, Logger } from '@mutt/dynamic-config';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { buildApp } from '../src/app.ts';
import { hashApiKey } from '../src/auth/api-key.ts';
import { AuditFeed } from '../src/audit/audit-feed.ts';
import { AuditLog } from '../src/audit/audit-log.ts';
import { AuditTrail } from '../src/audit/audit-trail.ts';
import { Keyring } from '../src/auth/keyring.ts';
import type { Database } from '../src/database/database.ts';
import type { UnknownKeys } from '../src/options.ts';

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

export async function startApp(
  store: ConfigStore = new MemoryStore(),
  { unknownKeys = 'allow', database }: { unknownKeys?: UnknownKeys; database?: Database } = {},
): Promise<TestApp> {
  const log: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void log.push(line) });
  const config = await DynamicConfig.connect(store, { logger, changedBy: 'server' });
  const audit = database === undefined ? null : openAudit(store, database, logger);
  const keyring = new Keyring([{ id: '1', name: 'admin', role: 'admin', hash: hashApiKey(API_KEY) }]);
  const app = buildApp({ config, keyring, logger, unknownKeys, ...(audit !== null && { audit }) });
  return {
    app,
    config,
    log,
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async close() {
      await app.close();
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
