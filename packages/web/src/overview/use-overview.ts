import { useQuery } from '@tanstack/react-query';
import type { AuditReply, InstancesReply, OverviewReply } from '../api/replies.ts';
import { request } from '../api/request.ts';

/** For what no change announces: an instance that is gone, a database that is down. */
const REFRESH_MS = 15_000;
const LATEST = 10;

const live = { refetchInterval: REFRESH_MS, meta: { followsChanges: true } } as const;

export function useOverview() {
  return useQuery({
    queryKey: ['overview'],
    queryFn: async ({ signal }) => request<OverviewReply>('/overview', { signal }),
    ...live,
  });
}

export function useInstances() {
  return useQuery({
    queryKey: ['instances'],
    queryFn: async ({ signal }) => request<InstancesReply>('/instances', { signal }),
    refetchInterval: REFRESH_MS,
  });
}

export function useLatestChanges() {
  return useQuery({
    queryKey: ['latest-changes'],
    queryFn: async ({ signal }) => request<AuditReply>(`/audit?limit=${LATEST}`, { signal }),
    ...live,
  });
}
