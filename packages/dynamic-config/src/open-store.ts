import type { Clock } from './clock.ts';
import { InvalidOptionError } from './errors.ts';
import type { Logger } from './logger.ts';
import { isNodeRedisClient } from './redis/node-redis-client.ts';
import type { NodeRedisClient } from './redis/node-redis-client.ts';
import { namesNodes } from './redis/nodes-url.ts';
import type { RedisStoreOptions } from './redis/redis-store.ts';
import type { Service } from './service.ts';
import type { ConfigStore } from './store.ts';

/** What an instance connects to: the URL of a store, a client of node-redis, or a store. */
export type ConnectTarget = string | NodeRedisClient | ConfigStore;

export interface OpenStoreOptions {
  readonly prefix?: string;
  readonly apiKey?: string;
  readonly service?: Service;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

const STORE_METHODS = [
  'load',
  'read',
  'head',
  'commit',
  'watch',
  'history',
  'register',
  'registrations',
  'close',
] satisfies (keyof ConfigStore)[];

/**
 * Opens the store that a URL names, or that a client of node-redis is connected to. Only the chosen one is loaded: a
 * service on Redis never loads the HTTP store.
 *
 * @throws InvalidOptionError
 */
export async function openStore(target: string | NodeRedisClient, options: OpenStoreOptions): Promise<ConfigStore> {
  if (typeof target === 'string') return openUrl(target, options);
  if (isNodeRedisClient(target)) {
    const { RedisStore } = await import('./redis/redis-store.ts');
    return RedisStore.over(target, toRedisOptions(options));
  }
  throw new InvalidOptionError(
    `connect takes a URL (redis://, rediss://, redis-sentinel://, redis-cluster://, http://, https://), a client of node-redis (createClient, createSentinel, createCluster) or a ConfigStore, not ${describe(target)}.`,
  );
}

/** A store is told by its methods. */
export function isConfigStore(target: unknown): target is ConfigStore {
  if (typeof target !== 'object' || target === null) return false;
  return STORE_METHODS.every((name) => typeof (target as ConfigStore)[name] === 'function');
}

async function openUrl(url: string, options: OpenStoreOptions): Promise<ConfigStore> {
  const { apiKey, service } = options;
  switch (schemeOf(url)) {
    case 'redis:':
    case 'rediss:':
    case 'redis-sentinel:':
    case 'rediss-sentinel:':
    case 'redis-cluster:':
    case 'rediss-cluster:': {
      const { RedisStore } = await import('./redis/redis-store.ts');
      return RedisStore.open(url, toRedisOptions(options));
    }
    case 'http:':
    case 'https:': {
      const { HttpStore } = await import('./http/http-store.ts');
      return HttpStore.open(url, { ...(apiKey !== undefined && { apiKey }), ...(service && { service }) });
    }
    default:
      throw new InvalidOptionError(
        'The URL of a store begins with redis://, rediss://, redis-sentinel://, redis-cluster://, http:// or https://.',
      );
  }
}

function toRedisOptions({ prefix, service, logger, clock }: OpenStoreOptions): RedisStoreOptions {
  return {
    ...(prefix !== undefined && { prefix }),
    ...(service && { service }),
    ...(logger && { logger }),
    ...(clock && { clock }),
  };
}

function schemeOf(url: string): string {
  try {
    // Several hosts, so it is no URL to Node.
    if (namesNodes(url)) return url.slice(0, url.indexOf(':') + 1).toLowerCase();
    return new URL(url).protocol;
  } catch {
    // Node's error holds the whole URL, and with it a password.
    throw new InvalidOptionError('The URL of a store cannot be read: it looks like redis://host:6379 or https://host.');
  }
}

function describe(target: unknown): string {
  if (typeof target !== 'object' || target === null) return String(target);
  return `an object of ${target.constructor?.name ?? 'no class'}`;
}
