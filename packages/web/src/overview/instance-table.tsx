import { Table, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Instance, InstancesReply } from '../api/replies.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { legible } from '../ui/legible.ts';
import { Loading } from '../ui/loading.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import classes from './instance-table.module.css';
import { severalVersions } from './several-versions.ts';
import { useInstances } from './use-overview.ts';

/** Who runs what, and since when they are connected. */
export function InstanceTable(): ReactNode {
  const connected = useInstances();
  if (connected.isPending) return <Loading />;
  if (connected.isError) return <FailureNotice error={connected.error} retry={() => void connected.refetch()} />;
  const { instances, incomplete } = connected.data;
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        {summaryOf(connected.data)} {incomplete}
      </Text>
      {severalVersions(instances).map(({ service, versions }) => (
        <Text key={service} size="sm" mb="xs">
          <IconAlertTriangle size={14} aria-hidden className={classes['warning']} /> {legible(service)} runs in{' '}
          {versions.length} versions:{' '}
          {versions.map(({ version, count }) => `${legible(version)} (${count})`).join(', ')}. Instances of the older
          ones may lack settings that the newer declare.
        </Text>
      ))}
      {instances.length > 0 && (
        <section aria-label="Instances" tabIndex={0} style={{ overflowX: 'auto' }}>
          <Table verticalSpacing={4} horizontalSpacing="xs" miw={560}>
            <Table.Thead>
              <Table.Tr>
                {['Service', 'Version', 'Where', 'By', 'Since'].map((name) => (
                  <Table.Th key={name} fz="xs" c="dimmed" fw={500}>
                    {name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {instances.map((instance) => (
                <InstanceRow key={`${instance.via} ${instance.id}`} instance={instance} />
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
    </>
  );
}

function InstanceRow({ instance }: { readonly instance: Instance }): ReactNode {
  const { service, version, host, pid, address, via, api_key: apiKey, connected_at: since } = instance;
  return (
    <Table.Tr>
      <Table.Td>
        {service !== null || apiKey !== null ? (
          legible(service ?? apiKey ?? '')
        ) : (
          <Text span size="sm" c="dimmed">
            does not say
          </Text>
        )}
      </Table.Td>
      <Table.Td>{legible(version ?? '')}</Table.Td>
      <Table.Td ff="monospace" fz="xs">
        {legible(host ?? address ?? '')}
        {pid !== null && ` (${pid})`}
      </Table.Td>
      <Table.Td>{via === 'redis' ? 'Redis' : 'HTTP'}</Table.Td>
      <Table.Td c="dimmed" fz="xs">
        <TimeAgo time={since} />
      </Table.Td>
    </Table.Tr>
  );
}

function summaryOf({ count, other_subscribers: others, people }: InstancesReply): string {
  const parts = [count === 1 ? '1 instance' : `${count} instances`];
  if (others !== null && others > 0) parts.push(others === 1 ? '1 other subscriber' : `${others} other subscribers`);
  if (people > 0) parts.push(people === 1 ? '1 person here' : `${people} people here`);
  return `${parts.join(', ')}.`;
}
