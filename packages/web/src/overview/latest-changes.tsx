import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { SettingLink } from '../ui/setting-link.tsx';
import { shortened } from '../ui/shortened.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import { useLatestChanges } from './use-overview.ts';

const MOST_OF_VALUE = 60;
const MOST_OF_REASON = 300;

export function LatestChanges(): ReactNode {
  const latest = useLatestChanges();
  if (latest.isPending) return <Loading />;
  if (latest.isError) return <FailureNotice error={latest.error} retry={() => void latest.refetch()} />;
  const { records } = latest.data;
  if (records.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing was changed yet.
      </Text>
    );
  }
  return (
    <Table verticalSpacing={6} horizontalSpacing={0}>
      <Table.Tbody>
        {records.map((record) => (
          <Table.Tr key={record.id}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              <Change record={record} />
            </Table.Td>
            <Table.Td w={100} align="right" c="dimmed" fz="xs">
              <TimeAgo time={record.changed_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Change({ record }: { readonly record: AuditRecord }): ReactNode {
  const { key, operation, changed_by: who, reason, old_values: before, new_values: after } = record;
  if (key === null || operation === 'GAP') return <Text size="sm">Records are missing here.</Text>;
  return (
    <>
      <SettingLink name={key} />{' '}
      <Text span size="sm" ff="monospace">
        {operation === 'REVEAL' ? (
          'looked at'
        ) : (
          <>
            <bdi>{shown(before?.value)}</bdi> → <bdi>{shown(after?.value)}</bdi>
          </>
        )}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={2}>
        <bdi>{who === null ? 'somebody, directly in the store' : shortened(who, MOST_OF_VALUE)}</bdi>
        {reason !== null && reason !== '' && (
          <>
            {' · '}
            <bdi>{shortened(reason, MOST_OF_REASON)}</bdi>
          </>
        )}
      </Text>
    </>
  );
}

function shown(value: string | undefined): string {
  if (value === undefined) return '(not set)';
  return value === '' ? '""' : shortened(value, MOST_OF_VALUE);
}
