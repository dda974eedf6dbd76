import { DynamicConfig } from '@mutt/dynamic-config';
import { atMost, median } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { Listeners } from '../listeners.ts';
import { withRedis } from '../with-redis.ts';
import { withPeer } from './peer.ts';
import type { Peer } from './peer.ts';

const WARM_UP = 300;

/** `set` in one process until the callback in another, against the same by way of a peer. */
export async function comparePropagation(peer: Peer, quick: boolean): Promise<Figure[]> {
  return withRedis(({ url }) =>
    withPeer(peer, async (port) => {
      const ourListeners = await Listeners.start({ processes: 1 }, url);
      const config = await DynamicConfig.connect(url);
      const connection = await peer.connect(port);
      const module = 'peers/listener-process.ts';
      const theirListeners = await Listeners.start({ processes: 1, module }, peer.name, String(port));
      const theirs: number[] = [];
      const ours: number[] = [];
      for (let round = -WARM_UP; round < (quick ? 300 : 1_500); round++) {
        const their = await theirListeners.timed(`put-${round}`, (id) => connection.put(id));
        const our = await ourListeners.timed(`set-${round}`, (id) => config.set('bench', id));
        if (round < 0) continue;
        theirs.push(their);
        ours.push(our);
      }
      await Promise.all([ourListeners.stop(), theirListeners.stop(), config.close()]);
      connection.close();
      const figure = {
        name: `peer_${peer.name}_propagation_p50`,
        unit: 'ms',
        ours: median(ours),
        floor: median(theirs),
      };
      return [atMost(1, figure)];
    }),
  );
}
