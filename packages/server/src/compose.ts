import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { ConfigError, DynamicConfig } from '@mutt/dynamic-config';
import type { ConfigStore, Logger } from '@mutt/dynamic-config';
import { RedisStore } from '@mutt/dynamic-config/redis';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { destination, pino } from 'pino';
import { buildApp } from './app.ts';
import { chooseAdminKey, saveAdminKey } from './auth/admin-key.ts';
import type { AdminKey } from './auth/admin-key.ts';
import { Keyring } from './auth/keyring.ts';
import { drainOf } from './drain.ts';
import type { Database } from './database/database.ts';
import { EmbeddedDatabase } from './embedded/embedded-database.ts';
import { DatabaseFailure, toStoreError } from './database/database-error.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';
import { withinMs } from './within-ms.ts';
import type { EntriesOptions, ServerOptions } from './options.ts';
import { StartupError } from './startup-error.ts';

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  /** Where entries live, without credentials. */
  readonly entriesIn: string;
  /** The folder of the database. */
  readonly dataDir: string;
  readonly adminKey: AdminKey;
  /** The admin key, when this start made or took it. */
  readonly apiKey?: string;
  /** Lets requests under way end, then ends streams and releases everything. Idempotent. */
  close(): Promise<void>;
}

/** How long a start that failed may take to release what it had opened. */
const CLOSE_MS = 20_000;

/**
 * Starts a server. The only place that names concrete stores and databases.
 *
 * @throws StartupError when it cannot, as a sentence for the operator.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const logger: FastifyBaseLogger = pino({ level: options.logLevel ?? 'warn' }, destination({ dest: 2, sync: true }));
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let release = opened.pop(); release !== undefined; release = opened.pop()) await release();
  };
  try {
    const database = await EmbeddedDatabase.open(options.dataDir);
    opened.push(() => database.close());
    const adminKey = await database.run((db) =>
      chooseAdminKey(db, { wanted: options.apiKey, replace: options.newApiKey === true }),
    );
    const store = openEntries(options.entries, database, options.dataDir, logger);
    opened.push(() => store.close());
    const config = await DynamicConfig.connect(store, { logger, changedBy: 'server' });
    opened.push(() => config.close());
    announceAlarm(config, logger);
    const { unknownKeys = 'allow' } = options;
    const app = buildApp({ config, keyring: new Keyring([adminKey.stored]), logger, unknownKeys });
    const drain = drainOf(app);
    opened.push(drain);
    const url = await listen(app, options);
    // Last: a key is shown once, by a start that succeeds, and must not replace another one before.
    await database.run((db) => saveAdminKey(db, adminKey));
    return {
      url,
      entriesIn: store.location,
      dataDir: resolve(options.dataDir),
      adminKey,
      ...(adminKey.key !== null && { apiKey: adminKey.key }),
      close,
    };
  } catch (error) {
    // What cannot be closed must not hide why the start failed.
    await withinMs(CLOSE_MS, close()).catch(() => {});
    throw toStartupError(error);
  }
}

/** What keeps the server from starting is for the operator to read, whoever says it. */
function toStartupError(error: unknown): unknown {
  if (error instanceof DatabaseFailure) return toStartupError(toStoreError(error));
  return error instanceof ConfigError ? new StartupError(error.message, { cause: error }) : error;
}

function openEntries(entries: EntriesOptions, database: Database, dataDir: string, logger: Logger): ConfigStore {
  if (entries.store === 'embedded') return new EmbeddedStore(database, resolve(dataDir));
  const { url, prefix } = entries;
  try {
    return RedisStore.open(url, { logger, ...(prefix !== undefined && { prefix }) });
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    const names = prefix === undefined ? 'REDIS_URL' : 'REDIS_URL or MUTT_CONFIG_PREFIX';
    throw new StartupError(`${names} cannot be used. ${cause.message}`, { cause });
  }
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
