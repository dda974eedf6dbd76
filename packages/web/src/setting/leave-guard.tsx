import { Button, Group, Modal, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import type { ReactNode } from 'react';

interface LeaveGuardProps {
  readonly isDirty: boolean;
  /** Keeps what is typed in the change set. */
  readonly onCollect: () => void;
}

/** Asks before what is typed gets lost. */
export function LeaveGuard({ isDirty, onCollect }: LeaveGuardProps): ReactNode {
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => isDirty,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });
  return (
    <Modal
      opened={status === 'blocked'}
      onClose={() => reset?.()}
      title="Your change is not saved"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Text size="sm">What you typed is lost when you leave, unless it is added to the change set.</Text>
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={() => proceed?.()}>
          Leave without it
        </Button>
        <Button
          variant="default"
          onClick={() => {
            onCollect();
            proceed?.();
          }}
        >
          Add to change set
        </Button>
        <Button data-autofocus onClick={() => reset?.()}>
          Stay
        </Button>
      </Group>
    </Modal>
  );
}
