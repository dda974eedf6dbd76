import { InvalidOptionError } from './errors.ts';
import type { Logger } from './logger.ts';
import type { ConfigStore } from './store.ts';

export interface OpenStoreOptions {
  readonly prefix?: string;
  readonly apiKey?: string;
  readonly logger?: Logger;
}

/** Opens the store that a URL names. Only the chosen one is loaded: a service on Redis never loads the HTTP store. */
export async function openStore(url: string, options: OpenStoreOptions): Promise<ConfigStore> {
  const { prefix, apiKey, logger } = options;
  switch (schemeOf(url)) {
    case 'redis:':
    case 'rediss:': {
      const { RedisStore } = await import('./redis/redis-store.ts');
      return RedisStore.open(url, { ...(prefix !== undefined && { prefix }), ...(logger && { logger }) });
    }
    case 'http:':
    case 'https:': {
      const { HttpStore } = await import('./http/http-store.ts');
      return HttpStore.open(url, { ...(apiKey !== undefined && { apiKey }), ...(logger && { logger }) });
    }
    default:
      throw new InvalidOptionError('The URL of a store begins with redis://, rediss://, http:// or https://.');
  }
}

function schemeOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch (cause) {
    throw new InvalidOptionError(
      'The URL of a store cannot be read: it looks like redis://host:6379 or https://host.',
      { cause },
    );
  }
}
