import { Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditSearch } from '../app/router.tsx';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { isFiltered } from './filters.ts';
import type { FeedState, RecordFeed } from './record-feed.ts';
import classes from './trail-states.module.css';

interface TrailStatesProps {
  readonly state: FeedState;
  readonly feed: RecordFeed;
  readonly filters: AuditSearch;
  readonly clear: () => void;
  /** What there is to say before the first record. */
  readonly nothing: string;
  /** The list, where there is one. */
  readonly children: ReactNode;
}

/** A list of records, or why there is none. */
export function TrailStates({ state, feed, filters, clear, nothing, children }: TrailStatesProps): ReactNode {
  const isLoaded = state.cursor !== undefined;
  if (!isLoaded && state.error !== null) {
    return <FailureNotice error={state.error} retry={() => void feed.loadMore()} />;
  }
  if (state.records.length + state.pending.length > 0) return children;
  if (!isLoaded) return <Loading />;
  const isNarrowed = isFiltered(filters);
  return (
    <output className={classes['empty']}>
      <Text c="dimmed" size="sm">
        {isNarrowed ? 'No record matches these filters.' : nothing}
      </Text>
      {isNarrowed && (
        <Button variant="default" onClick={clear}>
          Clear the filters
        </Button>
      )}
    </output>
  );
}
