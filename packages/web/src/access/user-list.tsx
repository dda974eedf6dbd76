import { Button, Group, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { User } from '../api/replies.ts';
import { FailureNotice } from '../ui/failure-notice.tsx';
import { Loading } from '../ui/loading.tsx';
import { AccessTable } from './access-table.tsx';
import { DeleteUserModal } from './delete-user-modal.tsx';
import { SetPasswordModal } from './set-password-modal.tsx';
import { useUsers } from './use-access.ts';
import { UserModal } from './user-modal.tsx';
import { UserRow } from './user-row.tsx';

/** What is being done, and with whom. */
export type UserTask = { readonly what: 'change' | 'set-password' | 'delete'; readonly user: User };

/** The people who sign in. */
export function UserList(): ReactNode {
  const users = useUsers();
  const [task, setTask] = useState<UserTask | 'add' | null>(null);
  const close = (): void => setTask(null);
  if (users.isPending) return <Loading />;
  if (users.isError) return <FailureNotice error={users.error} retry={() => void users.refetch()} />;
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          {users.data.count === 1 ? '1 person signs in here.' : `${users.data.count} people sign in here.`}
        </Text>
        <Button onClick={() => setTask('add')}>Add somebody</Button>
      </Group>
      <AccessTable
        label="Users"
        columns={['Name', 'Role', 'Keys', 'Secrets', 'Sign-in', 'Added', '']}
        none="Nobody signs in here yet."
      >
        {users.data.users.map((user) => (
          <UserRow key={user.name} user={user} onTask={setTask} />
        ))}
      </AccessTable>
      {task === 'add' && <UserModal onClose={close} />}
      {task !== null && task !== 'add' && <TaskModal task={task} onClose={close} />}
    </Stack>
  );
}

function TaskModal({ task: { what, user }, onClose }: { readonly task: UserTask; readonly onClose: () => void }) {
  if (what === 'change') return <UserModal user={user} onClose={onClose} />;
  if (what === 'set-password') return <SetPasswordModal name={user.name} onClose={onClose} />;
  return <DeleteUserModal name={user.name} onClose={onClose} />;
}
