import { Button, Center, Code, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { Grant } from '../api/replies.ts';
import { request } from '../api/request.ts';
import { Logo } from '../app/logo.tsx';
import { SignInFailure } from './sign-in-failure.tsx';
import { useCapsLock } from './use-caps-lock.ts';

const route = getRouteApi('/sign-in');

/** Shortest password that the server takes. */
const SHORTEST_PASSWORD = 12;

/** Asks for a password; or, by the link of the first start, lets one choose it: the token is behind the #, which no server sees. */
export function SignInPage(): ReactNode {
  const { to } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token'));
  const [failure, setFailure] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { isOn: isCapsLockOn, watch } = useCapsLock();
  const title = token === null ? 'Sign in' : 'Choose a password';
  useDocumentTitle(`${title} · MUTT configuration`);

  const signIn = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const { username, password } = Object.fromEntries(form) as Readonly<Record<string, string>>;
    setBusy(true);
    setFailure(null);
    try {
      const body = token === null ? { username, password } : { token, username, password };
      const grant = await request<Grant>('/session', { method: 'POST', body });
      queries.clear();
      queries.setQueryData(['session'], grant);
      await router.navigate({ href: to !== undefined && /^\/(?![/\\])/.test(to) ? to : '/', replace: true });
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
      setBusy(false);
    }
  };

  return (
    <Center component="main" mih="90dvh" p="md">
      <Paper withBorder p="xl" w={360} maw="100%">
        <form onSubmit={(event) => void signIn(event)}>
          <Stack gap="sm">
            <Logo />
            <Title order={1}>{title}</Title>
            <TextInput
              name="username"
              label="User name"
              autoComplete="username"
              defaultValue={token === null ? '' : 'admin'}
              required
              withAsterisk={false}
              autoFocus={token === null}
            />
            <PasswordInput
              name="password"
              label="Password"
              {...(token !== null && {
                description: `At least ${SHORTEST_PASSWORD} characters. This link works once.`,
              })}
              {...watch}
              autoComplete={token === null ? 'current-password' : 'new-password'}
              minLength={token === null ? 1 : SHORTEST_PASSWORD}
              required
              withAsterisk={false}
              autoFocus={token !== null}
            />
            {isCapsLockOn && (
              <Text size="xs" role="status">
                Caps Lock is on.
              </Text>
            )}
            {failure !== null && <SignInFailure failure={failure} />}
            <Button type="submit" loading={isBusy} size="sm">
              {token === null ? 'Sign in' : 'Set the password and sign in'}
            </Button>
            {token === null && (
              <Text size="xs" c="dimmed">
                No password yet, or lost it? An admin sets one. Where there is none, start the server with{' '}
                <Code style={{ whiteSpace: 'nowrap' }}>npm start -- --sign-in-link</Code>: it prints a link to choose
                one.
              </Text>
            )}
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
