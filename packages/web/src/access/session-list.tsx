import { Button, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SignedInSession } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { showFailure } from '../draft/apply-changes.tsx';
import { useSession } from '../session/use-session.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { AccessTable } from './access-table.tsx';
import { deviceIn } from './rights-words.ts';
import { useAccessChanged, useSessions } from './use-access.ts';

/** Who is signed in, and from where: everybody, or oneself. */
export function SessionList({ of }: { readonly of: 'everybody' | 'oneself' }): ReactNode {
  const sessions = useSessions();
  const { name } = useSession();
  if (sessions.isPending) return <Loading />;
  if (sessions.isError) return <FailureNotice error={sessions.error} retry={() => void sessions.refetch()} />;
  const isOfAll = of === 'everybody';
  return (
    <AccessTable
      label={isOfAll ? 'Sessions' : 'Your sessions'}
      columns={isOfAll ? ['Who', 'With', 'From', 'Last seen', 'Signed in', ''] : ['With', 'From', 'Last seen', '']}
      minWidth={isOfAll ? 640 : 0}
      none="Nobody is signed in."
    >
      {sessions.data.sessions
        .filter(({ user }) => isOfAll || user === name)
        .toSorted((a, b) => b.last_seen_at.localeCompare(a.last_seen_at))
        .map((session) => (
          <SessionRow key={session.id} session={session} isOfAll={isOfAll} />
        ))}
    </AccessTable>
  );
}

function SessionRow({ session, isOfAll }: { readonly session: SignedInSession; readonly isOfAll: boolean }): ReactNode {
  const { id, user, is_current: isCurrent, user_agent: userAgent, address } = session;
  const changed = useAccessChanged();
  const device = deviceIn(userAgent);
  const end = async (): Promise<void> => {
    try {
      await request(`/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' });
    } catch (error) {
      showFailure('The session goes on', error);
    }
    await changed();
  };
  return (
    <Table.Tr>
      {isOfAll && <Table.Td fw={500}>{user ?? 'unknown'}</Table.Td>}
      <Table.Td title={userAgent ?? undefined} style={{ overflowWrap: 'anywhere' }}>
        {device}
      </Table.Td>
      <Table.Td ff="monospace" fz="xs">
        {address ?? ''}
      </Table.Td>
      <Table.Td c="dimmed" fz="xs">
        <TimeAgo time={session.last_seen_at} />
      </Table.Td>
      {isOfAll && (
        <Table.Td c="dimmed" fz="xs">
          <TimeAgo time={session.created_at} />
        </Table.Td>
      )}
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        {isCurrent ? (
          <Text span size="xs" c="dimmed">
            this one
          </Text>
        ) : (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            aria-label={`End the session of ${user ?? 'unknown'}, ${device}`}
            onClick={() => void end()}
          >
            End
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
