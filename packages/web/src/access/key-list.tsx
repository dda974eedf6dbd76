import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { ApiKey, CreatedKey } from '../api/replies.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { AccessTable } from './access-table.tsx';
import { CreatedKeyModal } from './created-key-modal.tsx';
import { NewKeyModal } from './new-key-modal.tsx';
import { RevokeKeyModal } from './revoke-key-modal.tsx';
import { RightsCells } from './rights-cells.tsx';
import { useKeys } from './use-access.ts';

/** The keys that programs come with. */
export function KeyList(): ReactNode {
  const keys = useKeys();
  const [isAdding, setAdding] = useState(false);
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  if (keys.isPending) return <Loading />;
  if (keys.isError) return <FailureNotice error={keys.error} retry={() => void keys.refetch()} />;
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          One for each program, with no more rights than it needs.
        </Text>
        <Button onClick={() => setAdding(true)}>New API key</Button>
      </Group>
      <AccessTable
        label="API keys"
        columns={['Name', 'Role', 'Keys', 'Secrets', 'Last used', 'Expires', 'Made', '']}
        none="There are no API keys."
      >
        {keys.data.keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} onRevoke={() => setRevoking(key)} />
        ))}
      </AccessTable>
      {isAdding && <NewKeyModal onClose={() => setAdding(false)} onCreated={setCreated} />}
      {created !== null && <CreatedKeyModal created={created} onClose={() => setCreated(null)} />}
      {revoking !== null && <RevokeKeyModal apiKey={revoking} onClose={() => setRevoking(null)} />}
    </Stack>
  );
}

function KeyRow({ apiKey, onRevoke }: { readonly apiKey: ApiKey; readonly onRevoke: () => void }): ReactNode {
  const { id, name, last_used_at: usedAt, expires_at: expiresAt, created_at: madeAt, created_by: madeBy } = apiKey;
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        <Text span size="sm" fw={500} title={`id ${id}`}>
          {name}
        </Text>
      </Table.Td>
      <RightsCells {...apiKey} />
      <Table.Td c="dimmed" fz="xs">
        {usedAt === null ? 'never' : <TimeAgo time={usedAt} />}
      </Table.Td>
      <Table.Td fz="xs">
        <Expiry at={expiresAt} />
      </Table.Td>
      <Table.Td c="dimmed" fz="xs" title={madeBy === null ? undefined : `by ${madeBy}`}>
        <TimeAgo time={madeAt} />
      </Table.Td>
      <Table.Td ta="right">
        <Button variant="subtle" color="gray" size="compact-xs" aria-label={`Revoke ${name}`} onClick={onRevoke}>
          Revoke
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

/** As of when it is drawn: the list is read anew every half minute. */
function isPast(time: string): boolean {
  return Date.parse(time) <= Date.now();
}

function Expiry({ at }: { readonly at: string | null }): ReactNode {
  if (at === null) return <span>never</span>;
  const isOver = isPast(at);
  return (
    <Text span fz="xs" {...(isOver && { c: 'red' })} title={new Date(at).toLocaleString()}>
      {isOver ? 'expired' : new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' })}
    </Text>
  );
}
