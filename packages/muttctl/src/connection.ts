import type { ConfigStore, DynamicConfig, Logger } from '@mutt/dynamic-config';
import type * as Library from '@mutt/dynamic-config';
import { adviseOn } from './advice.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { printNotice } from './output.ts';
import { withProgress } from './progress.ts';
import { chooseTarget, type Target } from './target.ts';

const STARTUP_TIMEOUT_MS = 5_000;
/** Keys that are valid beyond doubt; the library decides on all others. */
const PLAIN_KEY = /^[A-Za-z0-9_.:/-]{1,128}$/;

/**
 * Connects to the settings that the options and the environment name, hands them to `use`, and lets go of them.
 *
 * @throws Failure, with what to do next.
 */
export async function withConfig<T>(
  options: ConnectionOptions & { readonly watch?: boolean },
  use: (config: DynamicConfig, target: Target) => T | Promise<T>,
): Promise<T> {
  const target = await chooseTarget(options, process.env);
  try {
    const config = await withProgress(`Connecting to ${target.location} …`, connect(target, options));
    try {
      return await use(config, target);
    } finally {
      await config.close();
    }
  } catch (error) {
    throw adviseOn(error, target);
  }
}

/**
 * Opens the store only, and holds nothing in memory: for a command that needs a key or two, and is quicker without the
 * rest.
 *
 * @throws Failure, with what to do next.
 */
export async function withStore<T>(
  options: ConnectionOptions,
  use: (store: ConfigStore, target: Target) => Promise<T>,
): Promise<T> {
  const target = await chooseTarget(options, process.env);
  try {
    const store = await openStore(target, options);
    try {
      return await withProgress(`Reading from ${target.location} …`, use(store, target));
    } finally {
      await store.close();
    }
  } catch (error) {
    throw adviseOn(error, target);
  }
}

async function openStore(
  { kind, url, prefix, apiKey }: Target,
  { json = false }: ConnectionOptions,
): Promise<ConfigStore> {
  const logger = noticesTo(json);
  if (kind === 'redis') {
    const { RedisStore } = await import('@mutt/dynamic-config/redis');
    return RedisStore.open(url, { logger, ...(prefix !== undefined && { prefix }) });
  }
  const { HttpStore } = await import('@mutt/dynamic-config/http');
  return HttpStore.open(url, { ...(apiKey !== undefined && { apiKey }) });
}

function noticesTo(json: boolean): Logger {
  const notice =
    (level: 'warn' | 'error') =>
    (message: unknown): void =>
      printNotice(String(message), { json, fields: { level } });
  return { warn: notice('warn'), error: notice('error') };
}

async function connect(
  target: Target,
  { watch = false, json = false }: { watch?: boolean; json?: boolean },
): Promise<DynamicConfig> {
  const { DynamicConfig } = await import('@mutt/dynamic-config');
  return DynamicConfig.connect(target.url, {
    startWatcher: watch,
    startupTimeoutMs: STARTUP_TIMEOUT_MS,
    logger: noticesTo(json),
    service: { name: 'muttctl' },
    ...(target.prefix !== undefined && { prefix: target.prefix }),
    ...(target.apiKey !== undefined && { apiKey: target.apiKey }),
  });
}

/**
 * Refuses a key that breaks the rule for keys before anything is connected.
 *
 * @throws InvalidKeyError
 */
export async function checkKey(key: string): Promise<void> {
  // Loading the library to find that nothing is wrong would make every command slower.
  if (PLAIN_KEY.test(key) && key !== 'updates') return;
  const library: typeof Library = await import('@mutt/dynamic-config');
  library.assertKey(key);
}
