import { useEffect, useState, useSyncExternalStore } from 'react';
import type { AuditReply } from '../api/replies.ts';
import { request } from '../api/request.ts';
import type { AuditSearch } from '../app/router.tsx';
import { useLiveEntries } from '../live/use-entries.tsx';
import { toQuery } from './filters.ts';
import { RecordFeed, type FeedState } from './record-feed.ts';

/** The first page fills the view; who goes on goes far. */
const FIRST_PAGE = 100;
const LATER_PAGE = 250;
/** Gaps, and what was written past us, reach the trail without an event. */
const LOOK_EVERY_MS = 30_000;

/** The records that match the filters, and what keeps them current. */
export function useRecordFeed(filters: AuditSearch): { readonly state: FeedState; readonly feed: RecordFeed } {
  const query = toQuery(filters);
  const [{ feed, of }, setFeed] = useState(() => ({ feed: feedOf(filters), of: query }));
  if (of !== query) setFeed({ feed: feedOf(filters, feed), of: query });
  const live = useLiveEntries();
  useEffect(() => {
    const stop = feed.start();
    const stopListening = live.onChange(() => feed.look());
    const timer = setInterval(() => feed.look(), LOOK_EVERY_MS);
    return () => {
      stop();
      stopListening();
      clearInterval(timer);
    };
  }, [feed, live]);
  return { state: useSyncExternalStore(feed.subscribe, feed.current), feed };
}

/** @param before what is shown until the first answer. */
function feedOf(filters: AuditSearch, before?: RecordFeed): RecordFeed {
  return new RecordFeed({
    before: before?.current().records ?? [],
    load: async (cursor, signal) => {
      const more = cursor === null ? { limit: String(FIRST_PAGE) } : { limit: String(LATER_PAGE), cursor };
      return request<AuditReply>(`/audit?${toQuery(filters, more)}`, { signal });
    },
  });
}
