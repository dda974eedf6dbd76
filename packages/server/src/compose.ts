import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { ConfigError, DynamicConfig } from '@mutt/dynamic-config';
import type { ConfigStore, Logger } from '@mutt/dynamic-config';
import { RedisStore } from '@mutt/dynamic-config/redis';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { destination, pino } from 'pino';
import { buildApp } from './app.ts';
import { ensureAdminKey } from './auth/admin-key.ts';
import type { AdminKey } from './auth/admin-key.ts';
import { Keyring } from './auth/keyring.ts';
import { openDatabase } from './embedded/database.ts';
import type { Database } from './embedded/database.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';
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

/** How long a request under way may take to end. */
const DRAIN_MS = 5_000;

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
    const database = await openDatabase(options.dataDir);
    opened.push(() => database.close());
    const adminKey = await ensureAdminKey(database.db, {
      wanted: options.apiKey,
      replace: options.newApiKey === true,
    });
    const store = openEntries(options.entries, database, options.dataDir, logger);
    opened.push(() => store.close());
    const config = await connect(store, logger);
    opened.push(() => config.close());
    const app = buildApp({ config, keyring: new Keyring([adminKey.stored]), logger });
    opened.push(() => drain(app));
    const url = await listen(app, options);
    return {
      url,
      entriesIn: store.location,
      dataDir: resolve(options.dataDir),
      adminKey,
      ...(adminKey.key !== null && { apiKey: adminKey.key }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openEntries(entries: EntriesOptions, { db }: Database, dataDir: string, logger: Logger): ConfigStore {
  if (entries.store === 'embedded') return new EmbeddedStore(db, resolve(dataDir));
  const { url, prefix } = entries;
  return RedisStore.open(url, { logger, ...(prefix !== undefined && { prefix }) });
}

async function connect(store: ConfigStore, logger: Logger): Promise<DynamicConfig> {
  try {
    return await DynamicConfig.connect(store, { logger, changedBy: 'server' });
  } catch (error) {
    if (error instanceof ConfigError) throw new StartupError(error.message, { cause: error });
    throw error;
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

async function drain(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
  await app.close();
  clearTimeout(cut);
}
