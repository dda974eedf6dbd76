import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { AuditOperation, AuditRecord, AuditReply } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { ChangeDiff } from '../ui/change-diff.tsx';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import classes from './history-timeline.module.css';

const PAGE_RECORDS = 20;

const WORDS: Readonly<Record<AuditOperation, string>> = {
  CREATE: 'set it',
  UPDATE: 'changed it',
  DELETE: 'deleted it',
  GAP: 'Records are missing here',
  REVEAL: 'looked at the secret',
};

interface HistoryTimelineProps {
  readonly settingKey: string;
  /** What it holds now, so that going back to that is not offered; null: it is not set. */
  readonly current: string | null;
  /** Left out for whoever may not. */
  readonly onRevert?: (record: AuditRecord) => void;
}

/** What happened to a key, the latest first. */
export function HistoryTimeline({ settingKey, current, onRevert }: HistoryTimelineProps): ReactNode {
  const history = useHistory(settingKey);
  if (history.isPending) return <Loading />;
  if (history.isError) return <FailureNotice error={history.error} retry={() => void history.refetch()} />;
  const records = history.data.pages.flatMap((page) => page.records);
  if (records.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing is recorded of it yet.
      </Text>
    );
  }
  return (
    <Stack gap={0} component="ol" className={classes['list'] ?? ''}>
      {records.map((record) => (
        <li key={record.id} className={classes['record']}>
          <RecordHead record={record} />
          {record.reason !== null && (
            <Text size="sm" mb={4} style={{ overflowWrap: 'anywhere' }}>
              {record.reason}
            </Text>
          )}
          {record.operation !== 'GAP' && record.operation !== 'REVEAL' && (
            <ChangeDiff before={record.old_values?.value ?? null} after={record.new_values?.value ?? null} />
          )}
          {onRevert !== undefined && isWayBack(record, current) && (
            <Button variant="subtle" size="compact-xs" mt={4} onClick={() => onRevert(record)}>
              Go back to this …
            </Button>
          )}
        </li>
      ))}
      {history.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void history.fetchNextPage()}
          loading={history.isFetchingNextPage}
          style={{ alignSelf: 'flex-start' }}
        >
          Older
        </Button>
      )}
    </Stack>
  );
}

function useHistory(key: string) {
  return useInfiniteQuery({
    queryKey: ['history', key],
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === null ? '' : `&cursor=${pageParam}`;
      return request<AuditReply>(`/config/${encodeURIComponent(key)}/history?limit=${PAGE_RECORDS}${cursor}`, {
        signal,
      });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor: next }) => next,
    meta: { followsChanges: true },
  });
}

function RecordHead({ record }: { readonly record: AuditRecord }): ReactNode {
  const { operation, changed_by: who, changed_at: when, revision, source } = record;
  const isOutOfBand = source === 'out-of-band';
  return (
    <Group gap={6} mb={4}>
      <Text size="sm" fw={600}>
        {operation === 'GAP' ? '' : (who ?? 'Somebody')}
      </Text>
      <Text size="sm">{WORDS[operation]}</Text>
      {isOutOfBand && (
        <Badge
          size="xs"
          variant="outline"
          color="gray"
          radius="sm"
          tt="none"
          title="Written directly in Redis, past us"
        >
          out of band
        </Badge>
      )}
      <Text size="xs" c="dimmed">
        <TimeAgo time={when} />
        {revision === null || isOutOfBand ? '' : ` · revision ${revision}`}
      </Text>
    </Group>
  );
}

/** Whether a record left something that could be put back, and that is not what is there anyway. */
function isWayBack({ operation, new_values: values }: AuditRecord, current: string | null): boolean {
  if (operation === 'GAP' || operation === 'REVEAL') return false;
  return operation === 'DELETE' ? current !== null : values?.value !== current;
}
