import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import type { FeedState, RecordFeed } from './record-feed.ts';
import classes from './trail-list.module.css';

/** What comes below the last row. */
export function TrailEnd({ state, feed }: { readonly state: FeedState; readonly feed: RecordFeed }): ReactNode {
  const { error, isLoading, isFull, cursor, records } = state;
  if (error !== null) return <FailureNotice error={error} retry={() => void feed.loadMore()} />;
  if (isFull) {
    return (
      <Text className={classes['end']}>
        The latest {records.length.toLocaleString('en')} records are here. Use the filters to see older ones.
      </Text>
    );
  }
  if (isLoading || cursor !== null) return <Loading />;
  return <Text className={classes['end']}>That is all.</Text>;
}
