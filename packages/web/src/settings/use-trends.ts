import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.ts';
import type { TrendPoint, TrendsReply } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { batched } from './batched.ts';

/** What the server takes in one request. */
const MOST_KEYS = 100;
/** Long enough that a row which is only scrolled by is not asked for. */
const WAIT_MS = 80;
const KEPT_MS = 60_000;

type Trend = readonly TrendPoint[];
const NONE: Trend = [];

const ask = batched<Trend>({ load: loadTrends, mostKeys: MOST_KEYS, waitMs: WAIT_MS });

/**
 * The last numbers that a key held, the oldest first; for the rows that are on the screen, which ask together.
 *
 * @param revision asked again where it is another one.
 */
export function useTrend(key: string, revision: number): Trend {
  const { data } = useQuery({
    queryKey: ['trend', key, revision],
    queryFn: async ({ signal }) => (await ask(key, signal)) ?? NONE,
    // What a revision left behind stays as it is.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT_MS,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return data ?? NONE;
}

async function loadTrends(keys: readonly string[]): Promise<ReadonlyMap<string, Trend>> {
  try {
    const query = keys.map((key) => `key=${encodeURIComponent(key)}`).join('&');
    return new Map(Object.entries((await request<TrendsReply>(`/trends?${query}`)).trends));
  } catch (error) {
    // A server that keeps no audit trail has none.
    if (error instanceof ApiError && error.status === 404) return new Map();
    throw error;
  }
}
