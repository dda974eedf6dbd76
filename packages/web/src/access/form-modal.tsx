import { Alert, Button, Group, Stack } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Dialog } from '../ui/dialog.tsx';

interface FormModalProps {
  readonly title: string;
  /** What the button does, in its words. */
  readonly submit: string;
  readonly isDangerous?: boolean;
  readonly isReady?: boolean;
  readonly onClose: () => void;
  /** What it throws is shown, and the form stays. */
  readonly onSubmit: () => Promise<void>;
  readonly children: ReactNode;
}

/** A dialog with a form: it stays, and says why, until what it asks for is done. */
export function FormModal(props: FormModalProps): ReactNode {
  const { title, submit, isDangerous = false, isReady = true, onClose, onSubmit, children } = props;
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await onSubmit();
      onClose();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };

  return (
    <Dialog onClose={onClose} title={title}>
      <form onSubmit={(event) => void send(event)}>
        <Stack gap="sm">
          {children}
          {failure !== null && (
            <Alert color="red" role="alert" p="xs">
              {failure}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} disabled={!isReady} {...(isDangerous && { color: 'red' })}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
