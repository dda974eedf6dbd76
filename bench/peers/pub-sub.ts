import { createClient } from '@redis/client';
import type { Peer } from './peer.ts';
import { redisArgs } from './redis-args.ts';

const KEY = 'bench';
const CHANNEL = 'bench';

/** Plain Redis pub/sub: the value is stored, and published; who listens keeps what came last. */
export const pubSub: Peer = {
  name: 'pub_sub',
  title: 'plain Redis pub/sub',
  command: 'redis-server',
  args: redisArgs,
  redisKey: KEY,
  async connect(port) {
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    const subscriber = client.duplicate();
    for (const one of [client, subscriber]) one.on('error', () => {});
    await Promise.all([client.connect(), subscriber.connect()]);
    const get = async (): Promise<string> => (await client.get(KEY)) ?? '';
    let last = '';
    return {
      put: (value) => Promise.all([client.set(KEY, value), client.publish(CHANNEL, value)]),
      async watch(onValue) {
        await subscriber.subscribe(CHANNEL, (value) => {
          last = value;
          onValue(value);
        });
        last = await get();
      },
      get,
      served: () => last,
      saysCurrent: () => subscriber.isReady,
      close() {
        client.destroy();
        subscriber.destroy();
      },
    };
  },
};
