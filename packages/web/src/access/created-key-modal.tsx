import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { CreatedKey } from '../api/replies.ts';
import { Dialog } from '../ui/dialog.tsx';

interface CreatedKeyModalProps {
  readonly created: CreatedKey;
  readonly onClose: () => void;
}

/** Shows a key, this once: only what says that it is kept closes it. */
export function CreatedKeyModal({ created: { name, key }, onClose }: CreatedKeyModalProps): ReactNode {
  const clipboard = useClipboard();
  return (
    <Dialog
      onClose={onClose}
      title={`The key of ${name}`}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      size="lg"
    >
      <Stack gap="sm">
        <Text size="sm">
          This is the only time that the key is shown. Put it where {name} finds it, as MUTT_API_KEY.
        </Text>
        <Group gap="xs" wrap="nowrap" align="end">
          <TextInput
            label="API key"
            readOnly
            value={key}
            flex={1}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            data-autofocus
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
          {/* Browsers let pages copy over https and on this machine only: elsewhere, the field is selected. */}
          {globalThis.isSecureContext && (
            <Button variant="default" onClick={() => clipboard.copy(key)}>
              {clipboard.copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </Group>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have kept it</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
