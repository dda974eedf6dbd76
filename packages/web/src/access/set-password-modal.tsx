import { PasswordInput, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type ReactNode } from 'react';
import { request } from '../api/request.ts';
import { FormModal } from './form-modal.tsx';
import { PASSWORD_RULE, SHORTEST_PASSWORD } from './rights-words.ts';
import { useAccessChanged } from './use-access.ts';

interface SetPasswordModalProps {
  readonly name: string;
  readonly onClose: () => void;
}

/** Sets somebody else's password. */
export function SetPasswordModal({ name, onClose }: SetPasswordModalProps): ReactNode {
  const [password, setPassword] = useState('');
  const changed = useAccessChanged();
  const save = async (): Promise<void> => {
    await request(`/users/${encodeURIComponent(name)}`, { method: 'PATCH', body: { password } });
    notifications.show({ message: `${name} has a new password, and is signed out everywhere.`, color: 'green' });
    await changed();
  };
  return (
    <FormModal title={`A new password for ${name}`} submit="Set the password" onClose={onClose} onSubmit={save}>
      <Text size="sm">{name} is signed out everywhere, and signs in with the new one.</Text>
      <PasswordInput
        label="New password"
        description={PASSWORD_RULE}
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        required
        withAsterisk={false}
        data-autofocus
        value={password}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
      />
    </FormModal>
  );
}
