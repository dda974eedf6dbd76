import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { ConfigError, DynamicConfig } from '@mutt/dynamic-config';
import type { ConfigStore, Logger, Service } from '@mutt/dynamic-config';
import { RedisStore } from '@mutt/dynamic-config/redis';
import type { Listeners } from '@mutt/dynamic-config/redis';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import { AuditFeed } from './audit/audit-feed.ts';
import { AuditLog } from './audit/audit-log.ts';
import { keepRetention } from './audit/audit-retention.ts';
import { AuditTrail } from './audit/audit-trail.ts';
import { chooseAdminKey, saveAdminKey } from './auth/admin-key.ts';
import type { AdminKey } from './auth/admin-key.ts';
import { openAccess } from './auth/access.ts';
import { hasUsers, newSignInToken, signInUrl } from './auth/sign-in-link.ts';
import { drainOf } from './drain.ts';
import type { Database } from './database/database.ts';
import { EmbeddedDatabase } from './embedded/embedded-database.ts';
import { DatabaseFailure, toStoreError } from './database/database-error.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';
import { auditCheck, databaseCheck } from './health/component-check.ts';
import { createLogger } from './logger.ts';
import { withinMs } from './within-ms.ts';
import type { EntriesOptions, ServerOptions } from './options.ts';
import { PostgresDatabase } from './postgres/postgres-database.ts';
import { StartupError } from './startup-error.ts';

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  /** Where entries live, without credentials. */
  readonly entriesIn: string;
  /** Where the server's own data is: a folder, or a PostgreSQL, without credentials. */
  readonly databaseIn: string;
  readonly adminKey: AdminKey;
  /** The admin key, when this start made or took it. */
  readonly apiKey?: string;
  /** With which one person signs in once, as admin, when this start made one. */
  readonly signInLink: string | null;
  /** Lets requests under way end, then ends streams and releases everything. Idempotent. */
  close(): Promise<void>;
}

const DEFAULT_MOST_CONNECTIONS = 20_000;
/** How long a start that failed may take to release what it had opened. */
const CLOSE_MS = 20_000;

/**
 * Starts a server. The only place that names concrete stores and databases.
 *
 * @throws StartupError when it cannot, as a sentence for the operator.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const logger: FastifyBaseLogger = createLogger(options.logLevel ?? 'warn');
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let release = opened.pop(); release !== undefined; release = opened.pop()) await release();
  };
  try {
    const database = await openDatabase(options);
    opened.push(() => database.close());
    const keyOptions = { wanted: options.apiKey, replace: options.newApiKey === true };
    const chosenKey = await database.run((db) => chooseAdminKey(db, keyOptions));
    const access = await openAccess({ database, logger });
    opened.push(() => access.close());
    const { store, hold, listeners } = openEntries(options.entries, database, logger);
    opened.push(() => store.close());
    const audit = openAudit({ database, store, hold, logger });
    // What a version without an audit trail has logged.
    if (options.entries.store === 'embedded') await audit.feed.catchUp();
    const config = await DynamicConfig.connect(store, { logger, changedBy: 'server' });
    opened.push(() => config.close());
    if (options.entries.store === 'redis') audit.feed.start();
    config.subscribe(() => audit.feed.nudge());
    opened.push(() => audit.feed.close());
    opened.push(keepRetention(audit, options.auditRetentionDays, logger));
    announceAlarm(config, logger);
    const { host: listenHost, publicUrl } = options;
    const checks = [databaseCheck(database), auditCheck(audit.feed)];
    const hosts = { listenHost, publicUrl };
    const shared = { config, access, audit, logger, checks, hosts, listeners, webUi: webUiFolder() };
    const app = buildApp({ ...options, ...shared, hasProcessMetrics: true });
    app.server.maxConnections = options.mostConnections ?? DEFAULT_MOST_CONNECTIONS;
    const drain = drainOf(app);
    opened.push(drain);
    const url = await listen(app, options);
    // Last: a key is shown once, by a start that succeeds, and must not replace another one before.
    const adminKey = await database.run((db) => saveAdminKey(db, chosenKey, keyOptions));
    const signInLink = await makeSignInLink(database, adminKey, options, url);
    await access.sync.refresh();
    return {
      url,
      entriesIn: store.location,
      databaseIn: database.location,
      adminKey,
      signInLink,
      ...(adminKey.key !== null && { apiKey: adminKey.key }),
      close,
    };
  } catch (error) {
    // What cannot be closed must not hide why the start failed.
    await withinMs(CLOSE_MS, close()).catch(() => {});
    throw toStartupError(error);
  }
}

/** On the first start, or when asked for. */
async function makeSignInLink(
  database: Database,
  { origin }: AdminKey,
  { signInLink = false, newApiKey = false, publicUrl }: ServerOptions,
  url: string,
): Promise<string | null> {
  return database.run(async (db) => {
    const isFirst = !newApiKey && (origin === 'generated' || origin === 'taken') && !(await hasUsers(db));
    if (!signInLink && !isFirst) return null;
    return signInUrl(publicUrl ?? url, await newSignInToken(db, Date.now()));
  });
}

/** What the package of the web UI has built. */
function webUiFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve('@mutt/web/package.json')), 'dist');
}

/** What keeps the server from starting is for the operator to read, whoever says it. */
function toStartupError(error: unknown): unknown {
  if (error instanceof DatabaseFailure) return toStartupError(toStoreError(error));
  return error instanceof ConfigError ? new StartupError(error.message, { cause: error }) : error;
}

async function openDatabase({ databaseUrl, dataDir }: ServerOptions): Promise<Database> {
  return databaseUrl === undefined ? EmbeddedDatabase.open(dataDir) : PostgresDatabase.open(databaseUrl);
}

interface Entries {
  readonly store: ConfigStore;
  /** Keeps its log from being trimmed above what an audit trail has. */
  readonly hold: (trailId: string, revision: number) => Promise<void>;
  /** Who listens to it; left out where nobody can but this server. */
  readonly listeners?: () => Promise<Listeners>;
}

function openEntries(entries: EntriesOptions, database: Database, logger: Logger): Entries {
  // Embedded, a commit is recorded by the transaction that makes it.
  if (entries.store === 'embedded') {
    return { store: new EmbeddedStore(database, database.location), hold: async () => {} };
  }
  const { url, prefix } = entries;
  try {
    const store = RedisStore.open(url, { logger, service: ownService(), ...(prefix !== undefined && { prefix }) });
    const hold = (trailId: string, revision: number): Promise<void> => store.holdLog(`audit:${trailId}`, revision);
    return { store, hold, listeners: () => store.listeners() };
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    const names = prefix === undefined ? 'REDIS_URL' : 'REDIS_URL or MUTT_CONFIG_PREFIX';
    throw new StartupError(`${names} cannot be used. ${cause.message}`, { cause });
  }
}

/** As others see it that look who is connected. */
function ownService(): Service {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return { name: 'mutt-server', version: (JSON.parse(manifest) as { version: string }).version };
}

function openAudit(options: { database: Database; logger: FastifyBaseLogger } & Entries): AuditLog {
  const { database, store, hold, logger } = options;
  const trail = new AuditTrail(database);
  return new AuditLog(database, trail, new AuditFeed({ store, trail, hold, logger }));
}

async function listen(app: FastifyInstance, { host, port }: ServerOptions): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw new StartupError(whyNotListening(cause as NodeJS.ErrnoException, host, port), { cause });
  }
  // An address for all interfaces is none to go to.
  const reachable = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const name = reachable.includes(':') ? `[${reachable}]` : reachable;
  return `http://${name}:${(app.server.address() as AddressInfo).port}`;
}

function whyNotListening({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use. Stop what listens there, or choose another one with PORT.`;
  }
  if (code === 'EACCES')
    return `Port ${port} of ${host} is not allowed for this user. Choose one above 1023 with PORT.`;
  return `The server cannot listen on port ${port} of ${host} (${message}). Choose another HOST or PORT.`;
}

/** What the library says of an emptied store, with the commands that settle it here. */
function announceAlarm(config: DynamicConfig, logger: FastifyBaseLogger): void {
  let isAlarmed = false;
  config.onStateChange((_, { alarm }) => {
    if (isAlarmed === (alarm !== null)) return;
    isAlarmed = alarm !== null;
    if (alarm === null) logger.warn('The values that the store had lost are settled.');
    else {
      logger.error(
        `The store came back empty: ${alarm.keys.length} values are kept here. Put them back with: muttctl restore. Or give them up with: muttctl restore --accept-loss.`,
      );
    }
  });
}
