import { ActionIcon, Badge, Menu, Table, Text } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { User } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { showFailure } from '../draft/apply-changes.tsx';
import { useSession } from '../session/use-session.ts';
import { TimeAgo } from '../ui/time-ago.tsx';
import { RightsCells } from './rights-cells.tsx';
import { useAccessChanged } from './use-access.ts';
import type { UserTask } from './user-list.tsx';

interface UserRowProps {
  readonly user: User;
  readonly onTask: (task: UserTask) => void;
}

/** Somebody who signs in, and what can be done with them. */
export function UserRow({ user, onTask }: UserRowProps): ReactNode {
  const { name, disabled, created_at: addedAt, created_by: addedBy } = user;
  const isOneself = useSession().name === name;
  const changed = useAccessChanged();
  const setDisabled = async (): Promise<void> => {
    try {
      await request(`/users/${encodeURIComponent(name)}`, { method: 'PATCH', body: { disabled: !disabled } });
    } catch (error) {
      showFailure(disabled ? `${name} is still disabled` : `${name} is not disabled`, error);
    }
    await changed();
  };
  return (
    <Table.Tr>
      <Table.Td fw={500} style={{ overflowWrap: 'anywhere' }}>
        {name}
        {isOneself && (
          <Text span size="xs" c="dimmed" ml={6}>
            you
          </Text>
        )}
      </Table.Td>
      <RightsCells {...user} />
      <Table.Td>
        {disabled ? (
          <Badge variant="default" size="sm" radius="sm" tt="none" fw={500}>
            disabled
          </Badge>
        ) : (
          'open'
        )}
      </Table.Td>
      <Table.Td c="dimmed" fz="xs" title={addedBy === null ? undefined : `by ${addedBy}`}>
        <TimeAgo time={addedAt} />
      </Table.Td>
      <Table.Td w={40}>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`What to do with ${name}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => onTask({ what: 'change', user })}>Change the rights …</Menu.Item>
            {!isOneself && (
              <Menu.Item onClick={() => onTask({ what: 'set-password', user })}>Set a password …</Menu.Item>
            )}
            <Menu.Item onClick={() => void setDisabled()}>{disabled ? 'Enable' : 'Disable'}</Menu.Item>
            <Menu.Item c="red" onClick={() => onTask({ what: 'delete', user })}>
              Delete …
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  );
}
