import { NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { CreatedKey } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { FormModal } from './form-modal.tsx';
import { RightsFields, useRightsDraft } from './rights-fields.tsx';
import { expiryOf, LIFETIMES, type Lifetime } from './rights-words.ts';
import { useAccessChanged } from './use-access.ts';

interface NewKeyModalProps {
  readonly onClose: () => void;
  readonly onCreated: (created: CreatedKey) => void;
}

/** Makes an API key. */
export function NewKeyModal({ onClose, onCreated }: NewKeyModalProps): ReactNode {
  const [name, setName] = useState('');
  const [lifetime, setLifetime] = useState<Lifetime>('90 days');
  const [day, setDay] = useState('');
  const edited = useRightsDraft();
  const changed = useAccessChanged();
  const create = async (): Promise<void> => {
    const expiresAt = expiryOf(lifetime, day, Date.now());
    const body = { name: name.trim(), ...edited.rights, expires_at: expiresAt };
    onCreated(await request<CreatedKey>('/keys', { method: 'POST', body }));
    await changed();
  };
  return (
    <FormModal title="New API key" submit="Make the key" onClose={onClose} onSubmit={create}>
      <TextInput
        label="Name"
        description="Of the program. It is recorded as the author of changes."
        autoComplete="off"
        spellCheck={false}
        required
        withAsterisk={false}
        data-autofocus
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <RightsFields {...edited} />
      <NativeSelect
        size="xs"
        label="Expires"
        data={LIFETIMES.map((one) => ({ value: one, label: /^\d/.test(one) ? `In ${one}` : one }))}
        value={lifetime}
        onChange={({ currentTarget }) => setLifetime(currentTarget.value as Lifetime)}
      />
      {lifetime === 'On a day …' && (
        <TextInput
          type="date"
          label="Day"
          required
          withAsterisk={false}
          value={day}
          onChange={({ currentTarget }) => setDay(currentTarget.value)}
        />
      )}
    </FormModal>
  );
}
