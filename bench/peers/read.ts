import { createClient, BasicClientSideCache } from '@redis/client';
import { measure } from 'mitata';
import { withRedis } from '../with-redis.ts';
import { PeerServer } from './peer-server.ts';
import type { Peer } from './peer.ts';

/** What is used of bentocache; it is no dependency: `npm install --no-save bentocache` brings it in. */
interface Bento {
  BentoCache: new (options: unknown) => {
    set(options: unknown): Promise<unknown>;
    get(options: unknown): Promise<unknown>;
  };
  bentostore(): { useL1Layer(layer: unknown): unknown };
}

/** Nanoseconds of what a peer's own client calls a read. */
export async function readNs(peer: Peer): Promise<number> {
  const server = await PeerServer.start(peer);
  const connection = await peer.connect(server.port);
  try {
    await connection.put('1');
    return await costNs(async () => connection.get());
  } finally {
    connection.close();
    await server.stop();
  }
}

/** The same of a hot key in the driver's own client-side cache. */
export async function clientSideCacheReadNs(): Promise<number> {
  return withRedis(async ({ url }) => {
    const client = createClient({ url, RESP: 3, clientSideCache: new BasicClientSideCache() });
    client.on('error', () => {});
    await client.connect();
    await client.set('bench', '1');
    const cost = await costNs(() => client.get('bench'));
    client.destroy();
    return cost;
  });
}

/** The same of bentocache's memory layer; null where it is not installed. */
export async function bentocacheReadNs(): Promise<number | null> {
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
  return costNs(() => cache.get({ key: 'bench' }));
}

/** Awaited, ours too, as most of them have to be: the harness's own share is in all of them. */
async function costNs(read: () => Promise<unknown>): Promise<number> {
  return (await measure(async () => read())).p50;
}
