import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { EntriesReply, HeadReply } from '../api/replies.ts';
import { isStoreEmptied, request } from '../api/request.ts';
import { atMostEach } from './at-most-each.ts';
import { LiveEntries, type Entries, type Standing } from './live-entries.ts';

/** By then, a change is in the audit trail, as long as that keeps up. */
const RECORDED_MS = 1_000;
/** A server that takes longer to say where it stands is as good as none. */
const ANSWERS_WITHIN_MS = 8_000;

const LiveContext = createContext<LiveEntries | null>(null);

/** Keeps the entries current for all pages below it, while somebody is signed in. */
export function LiveEntriesProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const queries = useQueryClient();
  const [live] = useState(
    () =>
      new LiveEntries({
        load: async (keys) => request<EntriesReply>(`/entries${keys === null ? '' : `?${namedKeys(keys)}`}`),
        openEvents: () => new EventSource('/api/v1/events'),
        ask: askStanding,
      }),
  );
  useEffect(() => live.start(), [live]);
  useEffect(() => followChanges(live, queries), [live, queries]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** What keeps the entries current, to hear of each change or to look again. */
export function useLiveEntries(): LiveEntries {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('useLiveEntries is used outside of LiveEntriesProvider.');
  return live;
}

/** All entries, now. */
export function useEntries(): Entries {
  const live = useLiveEntries();
  return useSyncExternalStore(live.subscribe, live.current);
}

/** Whatever was asked about the past of the settings is asked again: at once, and once the trail has the change, too. */
function followChanges(live: LiveEntries, queries: QueryClient): () => void {
  const { ask, stop } = atMostEach(
    RECORDED_MS,
    () =>
      // An answer that is on its way is not given up for the next one: under many changes, none would ever arrive.
      void queries.invalidateQueries(
        { predicate: ({ meta }) => meta?.['followsChanges'] === true },
        { cancelRefetch: false },
      ),
  );
  const stopListening = live.onChange(ask);
  return () => {
    stopListening();
    stop();
  };
}

async function askStanding(): Promise<Standing> {
  const [{ epoch, revision }, isEmptied] = await Promise.all([
    request<HeadReply>('/head', { deadlineMs: ANSWERS_WITHIN_MS }),
    isStoreEmptied(ANSWERS_WITHIN_MS),
  ]);
  return { epoch, revision, isStoreEmptied: isEmptied };
}

function namedKeys(keys: readonly string[]): string {
  return keys.map((key) => `key=${encodeURIComponent(key)}`).join('&');
}
