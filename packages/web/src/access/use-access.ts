import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { KeysReply, SessionsReply, UsersReply } from '../api/replies.ts';
import { request } from '../api/request.ts';

/** No event tells of people who come and go. */
const REFRESH_MS = 30_000;

export function useUsers() {
  return useQuery({
    queryKey: ['access', 'users'],
    queryFn: async ({ signal }) => request<UsersReply>('/users', { signal }),
    refetchInterval: REFRESH_MS,
  });
}

export function useKeys() {
  return useQuery({
    queryKey: ['access', 'keys'],
    queryFn: async ({ signal }) => request<KeysReply>('/keys', { signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** One's own sessions, and for admins without limits everybody's. */
export function useSessions() {
  return useQuery({
    queryKey: ['access', 'sessions'],
    queryFn: async ({ signal }) => request<SessionsReply>('/sessions', { signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** Reads anew who may do what: also oneself, whose rights may be what was changed. */
export function useAccessChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['access'] }),
      queries.invalidateQueries({ queryKey: ['session'] }),
    ]);
  };
}
