import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { DeclaredSetting, SettingsReply } from '../api/replies.ts';
import { request } from '../api/request.ts';

const REFRESH_MS = 30_000;
const NONE: readonly DeclaredSetting[] = [];

const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: async () => request<SettingsReply>('/settings'),
  refetchInterval: REFRESH_MS,
});

/** What services declare, by key; empty until it is known. */
export function useSettings(): ReadonlyMap<string, DeclaredSetting> {
  const { data } = useQuery(settingsQuery);
  const settings = data?.settings ?? NONE;
  return useMemo(() => new Map(settings.map((setting) => [setting.key, setting])), [settings]);
}

/** What services declare of a key; null: nothing, or it cannot be told. undefined: not known yet. */
export function useSetting(key: string): DeclaredSetting | null | undefined {
  const { isPending } = useQuery(settingsQuery);
  const setting = useSettings().get(key);
  return setting ?? (isPending ? undefined : null);
}
