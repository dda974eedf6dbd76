import { etcd } from './etcd.ts';
import { nats } from './nats.ts';
import type { Peer } from './peer.ts';

export const peers: readonly Peer[] = [etcd, nats];
