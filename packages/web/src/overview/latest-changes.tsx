import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditRecord } from '../api/replies.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { SettingLink } from '../ui/setting-link.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { useLatestChanges } from './use-overview.ts';

const MOST_SHOWN = 60;

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
        {operation === 'REVEAL' ? 'looked at' : `${shown(before?.value)} → ${shown(after?.value)}`}
      </Text>
      <Text size="xs" c="dimmed">
        {who ?? 'somebody, directly in the store'}
        {reason !== null && ` · ${reason}`}
      </Text>
    </>
  );
}

function shown(value: string | undefined): string {
  if (value === undefined) return '(not set)';
  return value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value === '' ? '""' : value;
}
