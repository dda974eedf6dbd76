import type { SentinelClient } from './node-redis-client.ts';

interface Change {
  readonly type: string;
}

/** Who is to be told, by client: however many they are, the client has one listener more. */
const told = new WeakMap<SentinelClient, { readonly listeners: Set<() => void>; stop(): void }>();

/**
 * Calls back when a Sentinel client goes over to another primary. The old one goes on as if nothing had happened until a
 * Sentinel makes a replica of it: for some ten seconds after a failover by command, or once it is back.
 */
export function onPrimaryChange(client: SentinelClient, listener: () => void): () => void {
  const { listeners } = told.get(client) ?? listenTo(client);
  // An own function, so that one who listens twice is told until it has stopped twice.
  const tell = (): void => listener();
  listeners.add(tell);
  return () => {
    if (!listeners.delete(tell) || listeners.size > 0) return;
    told.get(client)?.stop();
    told.delete(client);
  };
}

function listenTo(client: SentinelClient): { readonly listeners: Set<() => void> } {
  const listeners = new Set<() => void>();
  const onChange = ({ type }: Change): void => {
    if (type === 'MASTER_CHANGE') for (const tell of listeners) tell();
  };
  client.on('topology-change', onChange);
  told.set(client, { listeners, stop: () => client.off('topology-change', onChange) });
  return { listeners };
}
