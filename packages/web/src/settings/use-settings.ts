import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { DeclaredSetting, SettingsReply } from '../api/replies.ts';
import { request } from '../api/request.ts';

const REFRESH_MS = 30_000;
const NONE: readonly DeclaredSetting[] = [];

/** What services declare, by key; empty until it is known. */
export function useSettings(): ReadonlyMap<string, DeclaredSetting> {
  const { data } = useQuery({
    queryKey: ['settings'],
    queryFn: async () => request<SettingsReply>('/settings'),
    refetchInterval: REFRESH_MS,
  });
  const settings = data?.settings ?? NONE;
  return useMemo(() => new Map(settings.map((setting) => [setting.key, setting])), [settings]);
}
