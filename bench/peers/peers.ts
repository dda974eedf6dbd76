import { etcd } from './etcd.ts';
import { guide } from './guide.ts';
import { nats } from './nats.ts';
import { pubSub } from './pub-sub.ts';
import type { Peer } from './peer.ts';

/** What ours is compared with. */
export const peers: readonly Peer[] = [etcd, nats, pubSub, guide];
