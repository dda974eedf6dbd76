import { Alert, Button, PasswordInput, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { request } from '../api/request.ts';
import { useSession } from '../session/use-session.ts';
import { PASSWORD_RULE, SHORTEST_PASSWORD } from './rights-words.ts';
import { useAccessChanged } from './use-access.ts';

/** Changes one's own password. */
export function OwnPassword(): ReactNode {
  const { name } = useSession();
  const changed = useAccessChanged();
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const { current, wanted } = Object.fromEntries(new FormData(form)) as Readonly<Record<string, string>>;
    setBusy(true);
    setFailure(null);
    try {
      const body = { current_password: current, new_password: wanted };
      const { message } = await request<{ message: string }>('/session/password', { method: 'POST', body });
      form.reset();
      notifications.show({ message, color: 'green' });
      await changed();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      <Stack gap="sm" maw={360}>
        {/* For what keeps passwords: whose this is. */}
        <input type="text" name="username" value={name} autoComplete="username" readOnly hidden />
        <PasswordInput
          name="current"
          label="Your password now"
          autoComplete="current-password"
          required
          withAsterisk={false}
        />
        <PasswordInput
          name="wanted"
          label="New password"
          description={`${PASSWORD_RULE} Your other sessions end.`}
          autoComplete="new-password"
          minLength={SHORTEST_PASSWORD}
          required
          withAsterisk={false}
        />
        {failure !== null && (
          <Alert color="red" role="alert" p="xs">
            {failure}
          </Alert>
        )}
        <Button type="submit" variant="default" loading={isBusy} style={{ alignSelf: 'start' }}>
          Change the password
        </Button>
      </Stack>
    </form>
  );
}
