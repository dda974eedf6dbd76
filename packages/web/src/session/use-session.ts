import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { ApiError } from '../api/api-error.ts';
import type { Grant } from '../api/replies.ts';
import { request } from '../api/request.ts';

/** Who is signed in; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  async queryFn(): Promise<Grant | null> {
    try {
      return await request<Grant>('/session');
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** Who is signed in, on pages that are only shown to somebody who is. */
export function useSession(): Grant {
  const { data } = useSuspenseQuery(sessionQuery);
  if (data === null) throw new Error('Nobody is signed in.');
  return data;
}

/** Whether one may change values at all; which keys, the server decides. */
export function useMayEdit(): boolean {
  return useSession().role !== 'viewer';
}

/** Whether one manages keys and people: admins who see all keys and secrets do. */
export function useManagesAccess(): boolean {
  const { role, key_patterns: keyPatterns, secrets } = useSession();
  return role === 'admin' && keyPatterns === null && secrets;
}
