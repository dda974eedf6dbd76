import { DynamicConfig, MemoryStore } from '@mutt/dynamic-config';
import { BasicClientSideCache, createClient } from '@redis/client';
import { measure } from 'mitata';
import { atMost } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { withRedis } from '../with-redis.ts';

/** What is used of bentocache; it is no dependency: `npm install --no-save bentocache` brings it in. */
interface Bento {
  BentoCache: new (options: unknown) => {
    set(options: unknown): Promise<unknown>;
    get(options: unknown): Promise<unknown>;
  };
  bentostore(): { useL1Layer(layer: unknown): unknown };
}

/** A read of a hot key, against one of the driver's own client-side cache. */
export async function compareClientSideCache(): Promise<Figure[]> {
  return withRedis(async ({ url }) => {
    const client = createClient({ url, RESP: 3, clientSideCache: new BasicClientSideCache() });
    client.on('error', () => {});
    await client.connect();
    await client.set('bench', '1');
    const figure = await compare('client_side_cache', () => client.get('bench'));
    client.destroy();
    return [figure];
  });
}

/** The same against bentocache's memory layer; null where it is not installed. */
export async function compareBentocache(): Promise<Figure[] | null> {
  const [name, driver] = ['bentocache', 'bentocache/drivers/memory'];
  let bento: Bento;
  let memory: { memoryDriver(options: unknown): unknown };
  try {
    bento = (await import(name)) as Bento;
    memory = (await import(driver)) as typeof memory;
  } catch {
    return null;
  }
  const store = bento.bentostore().useL1Layer(memory.memoryDriver({}));
  const cache = new bento.BentoCache({ default: 'bench', stores: { bench: store } });
  await cache.set({ key: 'bench', value: '1' });
  return [await compare('bentocache', () => cache.get({ key: 'bench' }))];
}

async function compare(peer: string, read: () => Promise<unknown>): Promise<Figure> {
  const config = await DynamicConfig.connect(new MemoryStore());
  await config.set('bench', '1');
  const theirs = (await measure(async () => read())).p50;
  // Awaited, as theirs has to be: the harness's own share is in both.
  const ours = (await measure(async () => config.get('bench'))).p50;
  await config.close();
  return atMost(1, { name: `peer_${peer}_read`, unit: 'ns', ours, floor: theirs });
}
