import { PasswordInput, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { User } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { FormModal } from './form-modal.tsx';
import { RightsFields, useRightsDraft } from './rights-fields.tsx';
import { PASSWORD_RULE, SHORTEST_PASSWORD } from './rights-words.ts';
import { useAccessChanged } from './use-access.ts';

interface UserModalProps {
  /** Left out: somebody new. */
  readonly user?: User;
  readonly onClose: () => void;
}

/** Adds somebody, or changes what they may do. */
export function UserModal({ user, onClose }: UserModalProps): ReactNode {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const edited = useRightsDraft(user);
  const changed = useAccessChanged();
  const save = async (): Promise<void> => {
    if (user === undefined) {
      await request('/users', { method: 'POST', body: { name: name.trim(), password, ...edited.rights } });
    } else {
      await request(`/users/${encodeURIComponent(user.name)}`, { method: 'PATCH', body: edited.rights });
    }
    await changed();
  };
  return (
    <FormModal
      title={user === undefined ? 'Add somebody' : `What ${user.name} may do`}
      submit={user === undefined ? 'Add' : 'Save'}
      onClose={onClose}
      onSubmit={save}
    >
      {user === undefined && (
        <>
          <TextInput
            label="Name"
            description="a–z 0–9 . _ @ -; it is recorded as the author of changes."
            autoComplete="off"
            spellCheck={false}
            required
            withAsterisk={false}
            data-autofocus
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value.toLowerCase())}
          />
          <PasswordInput
            label="Password"
            description={PASSWORD_RULE}
            autoComplete="new-password"
            minLength={SHORTEST_PASSWORD}
            required
            withAsterisk={false}
            value={password}
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          />
        </>
      )}
      <RightsFields {...edited} />
    </FormModal>
  );
}
