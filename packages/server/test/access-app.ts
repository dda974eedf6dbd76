import { sql } from 'kysely';
import { DynamicConfig, MemoryStore } from '@mutt/dynamic-config';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse, onRouteHookHandler } from 'fastify';
import { pino } from 'pino';
import { buildApp } from '../src/app.ts';
import type { AppOptions } from '../src/app.ts';
import { openAccess } from '../src/auth/access.ts';
import type { Access } from '../src/auth/access.ts';
import { saveAdminKey } from '../src/auth/admin-key.ts';
import { Passwords } from '../src/auth/passwords.ts';
import type { Database } from '../src/database/database.ts';
import { DATABASES } from './databases.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

export const ADMIN_KEY = 'mutt_0123456789abcdef_0123456789012345678901234567890123456789012';
export const ADMIN_KEY_ID = '0123456789abcdef';
/** Where the test's browser is. */
export const OWN_PAGE = { host: 'localhost:8090', origin: 'http://localhost:8090' };

/** A hundredth of what a server takes for a password. */
const CHEAP = { memoryCost: 1_024, timeCost: 1, parallelism: 1 };

export interface TestDatabase extends Database {
  /** Leaves one API key, `ADMIN_KEY`. */
  reset(): Promise<void>;
  remove(): Promise<void>;
}

/** @param kind the embedded database, unless said otherwise. */
export async function openTestDatabase(kind = DATABASES[0]): Promise<TestDatabase> {
  if (kind === undefined) throw new Error('There is no database to test with.');
  const started = await kind.start();
  const { database } = started;
  const admin = { id: ADMIN_KEY_ID, origin: 'taken', key: ADMIN_KEY } as const;
  return {
    location: database.location,
    run: (task) => database.run(task),
    close: () => database.close(),
    reset: () =>
      database.run(async (db) => {
        await sql`truncate api_key, user_account, user_session, sign_in_link`.execute(db);
        await saveAdminKey(db, admin, { replace: false });
      }),
    remove: () => started.stop(),
  };
}

type Call = Pick<InjectOptions, 'payload' | 'headers' | 'remoteAddress'>;

/** A server over a database, with a clock that the test moves. */
export interface AccessApp {
  readonly app: FastifyInstance;
  readonly access: Access;
  readonly config: DynamicConfig;
  readonly clock: FakeClock;
  /** Without headers of its own: as the admin key. */
  call(method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', url: string, call?: Call): Promise<LightMyRequestResponse>;
  /** A new API key. */
  key(about: object): Promise<{ id: string; key: string }>;
  close(): Promise<void>;
}

export interface AccessAppOptions extends Partial<AppOptions> {
  readonly clock?: FakeClock;
  /** Takes everything that it logs, as JSON lines. */
  readonly log?: string[];
  /** Told of each route. */
  readonly onRoute?: onRouteHookHandler;
}

export async function startAccessApp(
  database: Database,
  { clock = fakeClock(), log, onRoute, ...options }: AccessAppOptions = {},
): Promise<AccessApp> {
  const level = log === undefined ? 'silent' : 'trace';
  const logger = pino({ level }, { write: (line: string) => void log?.push(line) });
  const store = new MemoryStore();
  const config = await DynamicConfig.connect(store, { logger, changedBy: 'server' });
  const access = await openAccess({ database, logger, clock, passwords: new Passwords(CHEAP) });
  const app = buildApp({ config, access, logger, ...options, clock });
  if (onRoute !== undefined) app.addHook('onRoute', onRoute);
  const call: AccessApp['call'] = (method, url, { headers = { 'x-api-key': ADMIN_KEY }, ...rest } = {}) =>
    app.inject({ method, url, headers, ...rest });
  return {
    app,
    access,
    config,
    clock,
    call,
    async key(about) {
      return (await call('POST', '/api/v1/keys', { payload: about })).json();
    },
    async close() {
      await app.close();
      await access.close();
      await config.close();
      await store.close();
    },
  };
}

/** The cookie that a reply sets, as a browser sends it back. */
export function cookieOf({ headers }: LightMyRequestResponse): string {
  return String(headers['set-cookie']).split(';', 1)[0] ?? '';
}
