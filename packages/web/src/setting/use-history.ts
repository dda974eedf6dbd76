import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.ts';
import { keyPath } from '../api/key-path.ts';
import type { AuditReply } from '../api/replies.ts';
import { request } from '../api/request.ts';

const NOTHING: AuditReply = { records: [], next_cursor: null };

/** What happened to a key, the latest first, in pages; current. */
export function useHistory(key: string): UseInfiniteQueryResult<InfiniteData<AuditReply>> {
  return useInfiniteQuery({
    queryKey: ['history', key],
    queryFn: async ({ pageParam, signal }) => pageOf(key, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    meta: { followsChanges: true },
  });
}

async function pageOf(key: string, cursor: string | null, signal: AbortSignal): Promise<AuditReply> {
  const path = keyPath(key);
  const query = new URLSearchParams({ ...(path === null && { key }), ...(cursor !== null && { cursor }) });
  try {
    return await request<AuditReply>(`${path === null ? '/audit' : `${path}/history`}?${query.toString()}`, { signal });
  } catch (error) {
    // Of a key that never was, there is no history, which is no failure.
    if (error instanceof ApiError && error.code === 'key_not_found') return NOTHING;
    throw error;
  }
}
