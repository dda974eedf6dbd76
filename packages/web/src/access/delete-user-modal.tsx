import { Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { request } from '../api/request.ts';
import { FormModal } from './form-modal.tsx';
import { useAccessChanged } from './use-access.ts';

interface DeleteUserModalProps {
  readonly name: string;
  readonly onClose: () => void;
}

/** Deletes somebody, once their name is typed. */
export function DeleteUserModal({ name, onClose }: DeleteUserModalProps): ReactNode {
  const [typed, setTyped] = useState('');
  const changed = useAccessChanged();
  const remove = async (): Promise<void> => {
    await request(`/users/${encodeURIComponent(name)}`, { method: 'DELETE' });
    await changed();
  };
  return (
    <FormModal
      title={`Delete ${name}`}
      submit="Delete"
      isDangerous
      isReady={typed === name}
      onClose={onClose}
      onSubmit={remove}
    >
      <Text size="sm">
        {name} is signed out everywhere, and cannot sign in any more. What they changed stays in the audit trail, under
        their name. To keep somebody out for a while, disable them.
      </Text>
      <TextInput
        label={`Type ${name} to confirm`}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
    </FormModal>
  );
}
