import type { Redis } from '../pipeline/redis.ts';
import { QUEUES } from '../pipeline/queues.ts';

/** Where each event of a run ended, by its id. */
export interface Account {
  /** That an ingestor accepted. */
  readonly in: number;
  /** That arrived: at Moog, among the unhandled ones, or in a dead letter queue. */
  readonly out: number;
  /** On their way. */
  readonly queued: number;
  /** That are nowhere. */
  readonly lost: readonly string[];
  /** That are in more than one place, or came to Moog more than once. */
  readonly duplicated: readonly string[];
}

const ENDS = [QUEUES.unhandled, QUEUES.alerterDlq, QUEUES.moogDlq];
const ON_THE_WAY = [QUEUES.ingest, QUEUES.alert];
const PAGE = 1_000;
/** It may have a million of them to tell. */
const REPLY_MS = 60_000;

/** Looks for each accepted id wherever it may be. Exact when nothing moves meanwhile. */
export async function account(redis: Redis, moogUrl: string, accepted: ReadonlySet<string>): Promise<Account> {
  const places = new Map<string, number>();
  const queued = new Set<string>();
  const see = (id: string | null, times = 1): void => {
    if (id !== null && accepted.has(id)) places.set(id, (places.get(id) ?? 0) + times);
  };
  const hands: string[] = [];
  for await (const keys of redis.scanIterator({ MATCH: 'mutt:processing:*' })) hands.push(...keys);
  for (const list of [...ON_THE_WAY, ...hands]) {
    for await (const item of itemsOf(redis, list)) {
      const id = idOf(item);
      see(id);
      if (id !== null && accepted.has(id)) queued.add(id);
    }
  }
  for (const list of ENDS) for await (const item of itemsOf(redis, list)) see(idOf(item));
  for (const [id, times] of await receivedBy(moogUrl)) see(id, times);
  return {
    in: accepted.size,
    out: places.size - queued.size,
    queued: queued.size,
    lost: [...accepted].filter((id) => !places.has(id)),
    duplicated: [...places].flatMap(([id, times]) => (times > 1 ? [id] : [])),
  };
}

async function* itemsOf(redis: Redis, list: string): AsyncGenerator<string> {
  for (let at = 0; ; at += PAGE) {
    const items = await redis.lRange(list, at, at + PAGE - 1);
    yield* items;
    if (items.length < PAGE) return;
  }
}

async function receivedBy(moogUrl: string): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${moogUrl}/ids`, { signal: AbortSignal.timeout(REPLY_MS) });
  const { ids, repeats } = (await response.json()) as { ids: string[]; repeats: Record<string, number> };
  return new Map(ids.map((id) => [id, repeats[id] ?? 1]));
}

/** Of an event, an alert, or the dead letter of either. */
function idOf(text: string): string | null {
  const value = JSON.parse(text) as { readonly id?: string; readonly item?: string };
  return value.id ?? (value.item === undefined ? null : idOf(value.item));
}
