import { parseArgs } from 'node:util';
import { redisUrlFromEnv } from '@mutt/dynamic-config';
import { readAddresses } from './read-addresses.ts';
import { StartupError } from './startup-error.ts';

/** Where entries live. */
export type EntriesOptions =
  { readonly store: 'embedded' } | { readonly store: 'redis'; readonly url: string; readonly prefix?: string };

export interface ServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** The folder of the server's own database. */
  readonly dataDir: string;
  readonly entries: EntriesOptions;
  /** The PostgreSQL that keeps what is the server's own; left out: a database in `dataDir`. */
  readonly databaseUrl?: string;
  /** Drop audit records that are older, in days; left out: keep all. */
  readonly auditRetentionDays?: number;
  /** The admin key that the operator wants; taken on the first start, or together with `newApiKey`. */
  readonly apiKey?: string;
  /** Replace the stored admin key. */
  readonly newApiKey?: boolean;
  /** Whether keys that no service declares may be set, while services declare any. Default `allow`. */
  readonly unknownKeys?: UnknownKeys;
  /** Make a new one-time link to sign in with. */
  readonly signInLink?: boolean;
  /** Where people find the server, when that is not where it listens. */
  readonly publicUrl?: string;
  /** Addresses of the proxies whose `X-Forwarded-For` counts. */
  readonly trustProxy?: readonly string[];
  /** Every change needs a reason. */
  readonly requireReason?: boolean;
  /** Whether webhooks may be sent to addresses that are not public, and by http. Default false. */
  readonly allowPrivateWebhooks?: boolean;
  /** The most requests of one API key or user in a second, on average. Default 1,000. */
  readonly rateLimit?: number;
  /** The most event streams that may be open. Default 10,000. */
  readonly mostStreams?: number;
  /** The most connections that may be open. Default 20,000. */
  readonly mostConnections?: number;
  /** Answer `/metrics` without an API key. Default false. */
  readonly metricsPublic?: boolean;
  /** What of its own doings the server logs, on stderr. Default `warn`. */
  readonly logLevel?: LogLevel;
}

const UNKNOWN_KEYS = ['allow', 'refuse'] as const;
export type UnknownKeys = (typeof UNKNOWN_KEYS)[number];

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the environment and the arguments ask for. An empty variable counts as not set.
 *
 * @throws StartupError naming the variable, what it must be and what it is.
 */
export function readOptions(env: Environment, args: readonly string[]): ServerOptions {
  const apiKey = readApiKey(env);
  const entries = readEntries(env);
  const databaseUrl = env['DATABASE_URL'] || undefined;
  if (databaseUrl !== undefined && entries.store === 'embedded') {
    throw new StartupError(
      'DATABASE_URL is for entries in Redis: set REDIS_URL too. Without both, entries and audit trail are in one embedded database.',
    );
  }
  const retentionDays = readRetention(env);
  return {
    host: env['HOST'] || '127.0.0.1',
    port: wholeNumber('PORT', env, 8090, 65_535),
    dataDir: env['MUTT_DATA_DIR'] || '.mutt',
    entries,
    ...readArguments(args),
    ...readAddresses(env),
    requireReason: oneOf('MUTT_REQUIRE_REASON', env, ['true', 'false'], 'false') === 'true',
    ...readLimits(env),
    logLevel: oneOf('LOG_LEVEL', env, LOG_LEVELS, 'warn'),
    unknownKeys: oneOf('MUTT_UNKNOWN_KEYS', env, UNKNOWN_KEYS, 'allow'),
    allowPrivateWebhooks: oneOf('MUTT_WEBHOOK_ALLOW_PRIVATE', env, ['true', 'false'], 'false') === 'true',
    ...(apiKey !== undefined && { apiKey }),
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(retentionDays !== undefined && { auditRetentionDays: retentionDays }),
  };
}

/** Not fewer days than the store's log may hold, whose records would come again. */
const SHORTEST_RETENTION_DAYS = 30;

function readRetention(env: Environment): number | undefined {
  const days = wholeNumber('MUTT_AUDIT_RETENTION_DAYS', env, 0, 36_500);
  if (days === 0) return undefined;
  if (days >= SHORTEST_RETENTION_DAYS) return days;
  throw new StartupError(
    `MUTT_AUDIT_RETENTION_DAYS must be at least ${SHORTEST_RETENTION_DAYS}, or 0 to keep all records.`,
  );
}

function readLimits(
  env: Environment,
): Required<Pick<ServerOptions, 'rateLimit' | 'mostStreams' | 'mostConnections' | 'metricsPublic'>> {
  return {
    rateLimit: wholeNumber('MUTT_RATE_LIMIT', env, 1_000, 999_999, 1),
    mostStreams: wholeNumber('MUTT_MAX_STREAMS', env, 10_000, 999_999, 1),
    mostConnections: wholeNumber('MUTT_MAX_CONNECTIONS', env, 20_000, 999_999, 1),
    metricsPublic: oneOf('MUTT_METRICS_PUBLIC', env, ['true', 'false'], 'false') === 'true',
  };
}

function readArguments(args: readonly string[]): { newApiKey: boolean; signInLink: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { 'new-api-key': { type: 'boolean' }, 'sign-in-link': { type: 'boolean' } },
    });
    return { newApiKey: values['new-api-key'] === true, signInLink: values['sign-in-link'] === true };
  } catch (cause) {
    throw new StartupError(
      `${(cause as Error).message}. The arguments that there are: --new-api-key and --sign-in-link.`,
      { cause },
    );
  }
}

function readApiKey(env: Environment): string | undefined {
  const key = env['MUTT_API_KEY'] || undefined;
  if (key === undefined || /^[\x21-\x7e]{1,256}$/.test(key)) return key;
  throw new StartupError('MUTT_API_KEY must be 1 to 256 visible ASCII characters: it is sent in an HTTP header.');
}

function oneOf<W extends string>(name: string, env: Environment, words: readonly W[], otherwise: W): W {
  const word = env[name] || otherwise;
  const known = words.find((one) => one === word);
  if (known !== undefined) return known;
  throw new StartupError(`${name} must be one of ${words.join(', ')}, and it is ${JSON.stringify(word)}.`);
}

function readEntries(env: Environment): EntriesOptions {
  const url = redisUrl(env);
  if (url === undefined) return { store: 'embedded' };
  const prefix = env['MUTT_CONFIG_PREFIX'] || undefined;
  return { store: 'redis', url, ...(prefix !== undefined && { prefix }) };
}

function redisUrl(env: Environment): string | undefined {
  const url = env['REDIS_URL'];
  if (url) {
    // All else is checked where it is opened.
    if (/^rediss?(-sentinel|-cluster)?:\/\//i.test(url)) return url;
    throw new StartupError(
      'REDIS_URL must look like redis://host:6379 or rediss://user:password@host:6379/0; with several nodes, like redis-sentinel://host:26379,host:26379/mymaster or redis-cluster://host:6379,host:6379.',
    );
  }
  try {
    return redisUrlFromEnv(env) ?? undefined;
  } catch (cause) {
    throw new StartupError((cause as Error).message, { cause });
  }
}

function wholeNumber(name: string, env: Environment, otherwise: number, most: number, least = 0): number {
  const text = env[name];
  if (!text) return otherwise;
  if (/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new StartupError(`${name} must be a whole number from ${least} to ${most}, and it is ${JSON.stringify(text)}.`);
}
