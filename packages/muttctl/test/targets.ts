import { DynamicConfig } from '@mutt/dynamic-config';
import { startRedis } from '../../../test/support/redis-server.ts';
import { startEmbeddedServer } from './start-embedded-server.ts';

/** Where settings live that a test works on. */
export interface TestTarget {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** What the keys hold, asked in this process: a command for it would be one more to start. */
export async function valuesIn({ env }: TestTarget): Promise<Record<string, string>> {
  return withConfig(env, async (config) => ({ ...config.getAll() }));
}

/** Commits `key=value` pairs, in this process, too. Returns the revision. */
export async function committedIn(
  { env }: TestTarget,
  pairs: readonly string[],
  reason: string | null,
): Promise<number> {
  const changes = pairs.map((pair) => {
    const [key = '', value = ''] = pair.split('=');
    return { key, value };
  });
  return withConfig(env, async (config) => (await config.commit(changes, { reason: reason ?? undefined })).revision);
}

export async function emptied({ env }: TestTarget): Promise<void> {
  await withConfig(env, async (config) => {
    const changes = Object.keys(config.getAll()).map((key) => ({ key, delete: true }) as const);
    if (changes.length > 0) await config.commit(changes);
  });
}

async function withConfig<T>(env: TestTarget['env'], use: (config: DynamicConfig) => Promise<T>): Promise<T> {
  const { MUTT_CONFIG_URL: url = '', MUTT_API_KEY: apiKey } = env;
  const config = await DynamicConfig.connect(url, { startWatcher: false, ...(apiKey !== undefined && { apiKey }) });
  try {
    return await use(config);
  } finally {
    await config.close();
  }
}

/** Every command does the same on both. */
export const TARGETS: readonly { readonly name: 'redis' | 'server'; readonly start: () => Promise<TestTarget> }[] = [
  {
    name: 'redis',
    async start() {
      const redis = await startRedis();
      return { env: { MUTT_CONFIG_URL: redis.url }, stop: () => redis.stop() };
    },
  },
  {
    name: 'server',
    start: startEmbeddedServer,
  },
];
